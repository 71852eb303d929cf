import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { clustersDirectory } from './layout.ts';

/**
 * The only settings of the machine that a cluster needs otherwise: the kernel counts a user's watches of files over all
 * namespaces, and Kubernetes, Istio and every sidecar watch some.
 */
const needed: Record<string, number> = {
  'fs/inotify/max_user_instances': 8192,
  'fs/inotify/max_user_watches': 524_288,
};

interface Before {
  /** After another boot the machine has its own settings again. */
  bootId: string;
  values: Record<string, number>;
}

const defaultPlaces = { settings: '/proc/sys', record: join(clustersDirectory, 'host-settings.json') };

/** Raises what is too low, and notes what it was. */
export function raiseHostSettings({ settings, record } = defaultPlaces): void {
  const low = Object.entries(needed).filter(([name, value]) => readSetting(settings, name) < value);
  if (low.length === 0) return;
  const before = readRecord(settings, record)?.values;
  const values = Object.fromEntries(low.map(([name]) => [name, readSetting(settings, name)]));
  mkdirSync(join(record, '..'), { recursive: true, mode: 0o700 });
  writeFileSync(record, JSON.stringify({ bootId: readBootId(settings), values: { ...values, ...before } }));
  for (const [name, value] of low) writeFileSync(join(settings, name), String(value));
}

/** Puts back what was noted, unless somebody else has set it since. For when the last cluster has gone. */
export function restoreHostSettings({ settings, record } = defaultPlaces): void {
  for (const [name, value] of Object.entries(readRecord(settings, record)?.values ?? {})) {
    if (readSetting(settings, name) === needed[name]) writeFileSync(join(settings, name), String(value));
  }
  rmSync(record, { force: true });
}

function readRecord(settings: string, record: string): Before | undefined {
  if (!existsSync(record)) return undefined;
  const before: Before = JSON.parse(readFileSync(record, 'utf8'));
  return before.bootId === readBootId(settings) ? before : undefined;
}

function readBootId(settings: string): string {
  return readFileSync(join(settings, 'kernel/random/boot_id'), 'utf8').trim();
}

function readSetting(settings: string, name: string): number {
  return Number(readFileSync(join(settings, name), 'utf8'));
}
