/** The colours of an emblem: outlines and bodies, a middle tone, and highlights. */
export interface Palette {
  ink: string;
  mid: string;
  light: string;
}

/** A category's hue (degrees on the colour wheel) and its emblem, drawn in a box of 120 × 120 units. */
interface Emblem {
  hue: number;
  draw: (palette: Palette) => string;
}

export const EMBLEMS: Record<string, Emblem> = {
  kitchen: {
    hue: 14,
    draw: ({ ink, mid, light }) => `
      <rect x="22" y="50" width="76" height="50" rx="10" fill="${ink}"/>
      <rect x="8" y="58" width="18" height="9" rx="4.5" fill="${ink}"/>
      <rect x="94" y="58" width="18" height="9" rx="4.5" fill="${ink}"/>
      <path d="M24 44a36 20 0 0 1 72 0z" fill="${mid}"/>
      <circle cx="60" cy="20" r="6" fill="${ink}"/>
      <rect x="32" y="60" width="7" height="28" rx="3.5" fill="${light}" opacity=".55"/>`,
  },
  'coffee-and-tea': {
    hue: 22,
    draw: ({ ink, mid, light }) => `
      <path d="M26 46h60v26a26 26 0 0 1-26 26h-8a26 26 0 0 1-26-26z" fill="${ink}"/>
      <path d="M86 54h6a12 12 0 0 1 0 24h-8" fill="none" stroke="${ink}" stroke-width="7"/>
      <rect x="16" y="102" width="82" height="8" rx="4" fill="${mid}"/>
      <path d="M44 36c-6-8 6-12 0-20M62 36c-6-8 6-12 0-20" fill="none" stroke="${mid}" stroke-width="5" stroke-linecap="round"/>
      <rect x="34" y="55" width="6" height="22" rx="3" fill="${light}" opacity=".55"/>`,
  },
  pantry: {
    hue: 36,
    draw: ({ ink, mid, light }) => `
      <rect x="34" y="12" width="52" height="16" rx="5" fill="${mid}"/>
      <path d="M36 32h48c0 8 10 10 10 22v46a10 10 0 0 1-10 10H36a10 10 0 0 1-10-10V54c0-12 10-14 10-22z" fill="${ink}"/>
      <rect x="26" y="60" width="68" height="30" fill="${light}"/>
      <path d="M46 80c0-10 10-12 28-12-1 12-8 16-18 14l-10 6" fill="none" stroke="${ink}" stroke-width="4" stroke-linecap="round" stroke-linejoin="round"/>`,
  },
  textiles: {
    hue: 345,
    draw: ({ ink, mid, light }) => `
      <rect x="16" y="80" width="88" height="24" rx="12" fill="${ink}"/>
      <rect x="20" y="54" width="80" height="24" rx="12" fill="${mid}"/>
      <rect x="24" y="28" width="72" height="24" rx="12" fill="${light}"/>
      <path d="M36 40h40M32 66h40M28 92h40" stroke="${ink}" stroke-width="3" stroke-dasharray="6 6" opacity=".45"/>`,
  },
  lighting: {
    hue: 42,
    draw: ({ ink, mid, light }) => `
      <rect x="58" y="0" width="4" height="30" fill="${ink}"/>
      <path d="M36 62 12 112h96L84 62z" fill="${light}" opacity=".75"/>
      <path d="M48 28h24l18 36H30z" fill="${ink}"/>
      <circle cx="60" cy="68" r="10" fill="${mid}"/>`,
  },
  stationery: {
    hue: 212,
    draw: ({ ink, mid, light }) => `
      <rect x="22" y="14" width="62" height="92" rx="6" fill="${ink}"/>
      <rect x="32" y="14" width="4" height="92" fill="${light}" opacity=".4"/>
      <rect x="46" y="30" width="28" height="18" rx="3" fill="${light}"/>
      <path d="m96 22 10 6-34 62-13 8 3-15z" fill="${mid}"/>
      <path d="m62 83 10 7-13 8z" fill="${light}"/>`,
  },
  garden: {
    hue: 128,
    draw: ({ ink, mid, light }) => `
      <path d="M58 70C54 40 60 26 62 12" fill="none" stroke="${ink}" stroke-width="4"/>
      <path d="M60 50C34 52 24 38 22 22c20 0 36 8 38 28z" fill="${ink}"/>
      <path d="M61 42c2-20 16-30 36-30 0 18-12 32-36 30z" fill="${mid}"/>
      <path d="M28 70h64l-8 38H36z" fill="${mid}"/>
      <rect x="24" y="64" width="72" height="14" rx="4" fill="${ink}"/>
      <path d="m42 84 3 18" stroke="${light}" stroke-width="5" stroke-linecap="round" opacity=".6"/>`,
  },
  tools: {
    hue: 202,
    draw: ({ ink, mid, light }) => `
      <g transform="rotate(38 60 60)">
        <rect x="54" y="38" width="12" height="76" rx="6" fill="${mid}"/>
        <path d="M32 14h46l12 12-12 2v12H32z" fill="${ink}"/>
        <rect x="26" y="12" width="10" height="30" rx="3" fill="${ink}"/>
        <rect x="42" y="20" width="26" height="5" rx="2.5" fill="${light}" opacity=".55"/>
      </g>`,
  },
  outdoors: {
    hue: 164,
    draw: ({ ink, mid, light }) => `
      <circle cx="92" cy="24" r="13" fill="${light}"/>
      <path d="M0 104 36 40l22 34 14-20 48 50z" fill="${mid}"/>
      <path d="M22 108 60 52l38 56z" fill="${ink}"/>
      <path d="M60 60 46 108h28z" fill="${light}"/>
      <path d="M60 52v56" stroke="${ink}" stroke-width="3"/>`,
  },
  bags: {
    hue: 312,
    draw: ({ ink, mid, light }) => `
      <path d="M44 26V20a16 14 0 0 1 32 0v6" fill="none" stroke="${ink}" stroke-width="6"/>
      <path d="M26 52a34 32 0 0 1 68 0v44a12 12 0 0 1-12 12H38a12 12 0 0 1-12-12z" fill="${ink}"/>
      <path d="M36 66h48v26a8 8 0 0 1-8 8H44a8 8 0 0 1-8-8z" fill="${mid}"/>
      <path d="M36 76h48" stroke="${light}" stroke-width="4"/>
      <rect x="55" y="72" width="10" height="12" rx="3" fill="${light}"/>`,
  },
  games: {
    hue: 266,
    draw: ({ ink, mid, light }) => `
      <g transform="rotate(-10 44 72)">
        <rect x="12" y="42" width="60" height="60" rx="12" fill="${ink}"/>
        <g fill="${light}"><circle cx="28" cy="58" r="6"/><circle cx="56" cy="58" r="6"/><circle cx="42" cy="72" r="6"/><circle cx="28" cy="86" r="6"/><circle cx="56" cy="86" r="6"/></g>
      </g>
      <circle cx="92" cy="36" r="14" fill="${mid}"/>
      <path d="M84 46h16l10 60H74z" fill="${mid}"/>
      <rect x="70" y="100" width="44" height="10" rx="5" fill="${mid}"/>`,
  },
  bath: {
    hue: 190,
    draw: ({ ink, mid, light }) => `
      <rect x="14" y="64" width="92" height="40" rx="20" fill="${ink}"/>
      <rect x="28" y="74" width="64" height="20" rx="10" fill="none" stroke="${light}" stroke-width="3" opacity=".6"/>
      <circle cx="40" cy="44" r="16" fill="${mid}"/>
      <circle cx="70" cy="30" r="11" fill="${light}"/>
      <circle cx="84" cy="50" r="7" fill="${mid}"/>
      <circle cx="35" cy="39" r="4" fill="${light}"/>`,
  },
};

/** The emblem of all other categories. */
export const PARCEL: Emblem = {
  hue: 35,
  draw: ({ ink, mid, light }) => `
    <path d="m60 14 46 22v52l-46 22-46-22V36z" fill="${mid}"/>
    <path d="m60 58 46-22v52l-46 22z" fill="${ink}"/>
    <path d="m37 25 46 22v16l-10 5V52L27 30z" fill="${light}"/>`,
};
