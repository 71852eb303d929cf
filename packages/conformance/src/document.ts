import { type KnownDifference, knownDifferences, type Place } from './differences.ts';
import { type Conformance, formatConformance } from './report.ts';

const LAST_RUN = 'The last run';
const DIFFERENCES = 'What differs, and why';

/** Returns `docs/reference/conformance.md` with the current list of differences. @throws when it lacks that section */
export function withDifferences(document: string): string {
  return replaceSection(document, DIFFERENCES, knownDifferences.map(describe).join('\n'));
}

/** Returns `docs/reference/conformance.md` with the outcome of a run. @throws when it lacks that section */
export function withLastRun(document: string, outcome: Conformance): string {
  return replaceSection(document, LAST_RUN, `\`\`\`\n${formatConformance(outcome)}\n\`\`\``);
}

function describe({ reason, places }: KnownDifference): string {
  return [`- ${reason}`, ...places.map((place) => `  - \`${place.path}\`: ${describeSides(place)}`)].join(
    '\n',
  );
}

function describeSides({ local, cluster }: Place): string {
  if (local === undefined)
    return cluster === '*' ? 'only the cluster' : `only the cluster, \`${show(cluster)}\``;
  if (cluster === undefined) return local === '*' ? 'only local' : `only local, \`${show(local)}\``;
  return `local \`${show(local)}\`, cluster \`${show(cluster)}\``;
}

function show(value: Place['local']): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Replaces the text between a heading and the next one, or the end. */
function replaceSection(document: string, title: string, text: string): string {
  const heading = `## ${title}\n`;
  const start = document.indexOf(heading);
  if (start < 0) throw new Error(`the document has no section "${title}"`);
  const end = document.indexOf('\n## ', start);
  const rest = end < 0 ? '' : document.slice(end);
  return `${document.slice(0, start)}${heading}${text}\n${rest}`;
}
