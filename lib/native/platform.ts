/**
 * What this process runs on, in the words of the platform packages: `linux-x64-gnu`, `darwin-arm64`.
 */

import { readFileSync } from 'node:fs';

/** The C library of a Linux system. */
export type Libc = 'glibc' | 'musl';

/** The three facts that select an addon. */
export interface Platform {
  /** As in `process.platform`. */
  os: string;
  /** As in `process.arch`. */
  arch: string;
  /** Only on Linux, and `undefined` where it could not be told. */
  libc: Libc | undefined;
}

/** The platform of this process. */
export function currentPlatform(): Platform {
  const os = process.platform;
  return { os, arch: process.arch, libc: os === 'linux' ? detectLibc() : undefined };
}

/**
 * The names an addon for `platform` may have, the likeliest first. More than one only on a Linux whose C
 * library could not be told: loading the wrong one fails cleanly, so trying both is safe.
 */
export function triplesOf({ os, arch, libc }: Platform): string[] {
  switch (os) {
    case 'linux':
      if (libc === 'glibc') return [`linux-${arch}-gnu`];
      if (libc === 'musl') return [`linux-${arch}-musl`];
      return [`linux-${arch}-gnu`, `linux-${arch}-musl`];
    case 'win32':
      return [`win32-${arch}-msvc`];
    default:
      return [`${os}-${arch}`];
  }
}

/** For messages: `linux x64 (musl)`. */
export function platformName({ os, arch, libc }: Platform): string {
  if (os !== 'linux') return `${os} ${arch}`;
  return `${os} ${arch} (${libc ?? 'unknown libc'})`;
}

/** Asks the file system first, which is faster, then the process report, which also works in a bare container. */
function detectLibc(): Libc | undefined {
  return libcFromLdd() ?? libcFromReport();
}

/** On musl `ldd` is a script that calls musl's loader; with glibc it is a script of the GNU C library. */
function libcFromLdd(): Libc | undefined {
  try {
    const ldd = readFileSync('/usr/bin/ldd', 'latin1');
    if (ldd.includes('musl')) return 'musl';
    return ldd.includes('GNU C Library') || ldd.includes('GLIBC') ? 'glibc' : undefined;
  } catch {
    return undefined;
  }
}

function libcFromReport(): Libc | undefined {
  // A runtime may lack the report or any part of it: hence the loose type.
  const { report } = process as {
    report?: { excludeNetwork?: boolean; getReport?: () => unknown };
  };
  if (typeof report?.getReport !== 'function') return undefined;
  const before = report.excludeNetwork;
  try {
    // Without it the report resolves the name of every network interface, which can take seconds.
    report.excludeNetwork = true;
    const { header, sharedObjects } = report.getReport() as {
      header?: { glibcVersionRuntime?: string };
      sharedObjects?: string[];
    };
    if (header?.glibcVersionRuntime) return 'glibc';
    return sharedObjects?.some((file) => /\b(?:libc\.musl-|ld-musl-)/.test(file)) ? 'musl' : undefined;
  } catch {
    return undefined;
  } finally {
    if (before !== undefined) report.excludeNetwork = before;
  }
}
