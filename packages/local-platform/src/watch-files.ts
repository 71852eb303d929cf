import { type FSWatcher, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import { isManifest } from '@meshmart/local-mesh/manifest-files';

/** Delay after a change, because editors write a file in several steps. */
const SETTLE_MS = 50;

interface FileWatch {
  /** Replaces the additional files to watch. */
  setFiles(files: string[]): void;
  close(): void;
}

/**
 * Calls `onChange` when a manifest in `folder` changes, or one of the files set later. Watches folders,
 * because most editors replace a file instead of writing to it.
 */
export function watchFiles(folder: string, onChange: (file: string) => void): FileWatch {
  let timer: NodeJS.Timeout | undefined;
  const announce = (file: string) => {
    clearTimeout(timer);
    timer = setTimeout(() => onChange(file), SETTLE_MS);
  };
  const standing = watchFolder(folder, isManifest, announce);
  let others: FSWatcher[] = [];
  const setFiles = (files: string[]) => {
    for (const watcher of others) watcher.close();
    const folders = Map.groupBy(files, dirname);
    others = [...folders].map(([directory, inside]) => {
      const names = new Set(inside.map((file) => basename(file)));
      return watchFolder(directory, (name) => names.has(name), announce);
    });
  };
  return {
    setFiles,
    close() {
      clearTimeout(timer);
      setFiles([]);
      standing.close();
    },
  };
}

function watchFolder(
  folder: string,
  isWanted: (name: string) => boolean,
  announce: (file: string) => void,
): FSWatcher {
  const watcher = watch(folder, (_event, name) => {
    if (name && isWanted(name)) announce(name);
  });
  watcher.on('error', () => {}); // a removed folder causes no change until it is back
  return watcher;
}
