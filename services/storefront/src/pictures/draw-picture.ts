import { EMBLEMS, PARCEL, type Palette } from './emblems.ts';

const GROUNDS: ((colour: string) => string)[] = [
  (colour) => `<circle cx="200" cy="150" r="118" fill="${colour}"/>`,
  (colour) => `<path d="M92 300V150a108 108 0 0 1 216 0v150z" fill="${colour}"/>`,
  (colour) => `<path d="M0 205q100-56 200-14t200-22v131H0z" fill="${colour}"/>`,
  (colour) => `<path d="M400 0v300H120z" fill="${colour}"/>`,
];

interface Tone extends Palette {
  paper: string;
  ground: string;
}

const TONES: ((hue: number) => Tone)[] = [
  (hue) => ({
    paper: `hsl(${hue} 42% 91%)`,
    ground: `hsl(${hue} 46% 82%)`,
    ink: `hsl(${hue} 42% 27%)`,
    mid: `hsl(${(hue + 12) % 360} 50% 54%)`,
    light: `hsl(${hue} 60% 96%)`,
  }),
  (hue) => ({
    paper: `hsl(${hue} 38% 79%)`,
    ground: `hsl(${hue} 40% 89%)`,
    ink: `hsl(${hue} 48% 24%)`,
    mid: `hsl(${(hue + 330) % 360} 46% 52%)`,
    light: `hsl(${hue} 60% 97%)`,
  }),
  (hue) => ({
    paper: `hsl(${hue} 34% 34%)`,
    ground: `hsl(${hue} 34% 43%)`,
    ink: `hsl(${hue} 50% 93%)`,
    mid: `hsl(${(hue + 12) % 360} 58% 70%)`,
    light: `hsl(${hue} 34% 30%)`,
  }),
];

/** The number of pictures of a category: every tone on every background. */
export const VARIANTS = GROUNDS.length * TONES.length;

/** Returns a product's variant, 0 to `VARIANTS` - 1, which depends on the slug only. */
export function chooseVariant(slug: string): number {
  let hash = 0;
  for (const character of slug) hash = (hash * 31 + character.charCodeAt(0)) % 65_521;
  return hash % VARIANTS;
}

/** Draws an SVG picture of 400 × 300 units: the category's emblem on a background. Contains no client input. */
export function drawPicture(category: string, variant: number): string {
  const emblem = (Object.hasOwn(EMBLEMS, category) && EMBLEMS[category]) || PARCEL;
  const tone = TONES[Math.floor(variant / GROUNDS.length) % TONES.length]?.(emblem.hue) as Tone;
  const ground = GROUNDS[variant % GROUNDS.length]?.(tone.ground);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 300">
<rect width="400" height="300" fill="${tone.paper}"/>${ground}
<g transform="translate(116 66) scale(1.4)">${emblem.draw(tone)}</g>
</svg>`;
}
