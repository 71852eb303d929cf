import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { clustersDirectory } from './layout.ts';

/**
 * Minimal values of the only settings of the machine that a cluster changes. The kernel counts a user's file watches
 * over all namespaces, and Kubernetes, Istio and every sidecar watch files.
 */
const needed: Record<string, number> = {
  'fs/inotify/max_user_instances': 8192,
  'fs/inotify/max_user_watches': 524_288,
};

interface Before {
  /** A boot resets the settings, so a record of another boot is void. */
  bootId: string;
  values: Record<string, number>;
}

const defaultPlaces = { settings: '/proc/sys', record: join(clustersDirectory, 'host-settings.json') };

/** Raises settings that are too low, and records their old values. */
export function raiseHostSettings({ settings, record } = defaultPlaces): void {
  const low = Object.entries(needed).filter(([name, value]) => readSetting(settings, name) < value);
  if (low.length === 0) return;
  const before = readRecord(settings, record)?.values;
  const values = Object.fromEntries(low.map(([name]) => [name, readSetting(settings, name)]));
  mkdirSync(join(record, '..'), { recursive: true, mode: 0o700 });
  writeFileSync(record, JSON.stringify({ bootId: readBootId(settings), values: { ...values, ...before } }));
  for (const [name, value] of low) writeFileSync(join(settings, name), String(value));
}

/** Restores the recorded values, unless somebody else has changed them. Called after the last cluster is deleted. */
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
