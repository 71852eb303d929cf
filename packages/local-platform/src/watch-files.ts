import { type FSWatcher, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import { isManifest } from '@meshmart/local-mesh/manifest-files';

/** Editors write a file in several steps. */
const SETTLE_MS = 50;

export interface FileWatch {
  /** Watches these files instead of those that were given before. */
  setFiles(files: string[]): void;
  close(): void;
}

/**
 * Calls `onChange` when a manifest of `folder` changes, or one of the files that are set later. Folders are watched rather
 * than files, since most editors put a new file in the place of the old one.
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
  watcher.on('error', () => {}); // a folder that is removed while it is watched changes nothing until it is back
  return watcher;
}
