/**
 * Node, PostgreSQL and Envoy come as binaries for glibc, which would fail elsewhere with a misleading "not found".
 *
 * @param {string} platform as in process.platform
 * @param {() => { header: { glibcVersionRuntime?: string } }} readReport Node's diagnostic report
 * @throws {Error} on a Linux with another C library, such as Alpine's musl
 */
export function assertGlibc(platform, readReport) {
  if (platform !== 'linux' || readReport().header.glibcVersionRuntime) return;
  throw new Error(
    'A Linux with glibc is needed (Debian, Ubuntu, Fedora, …); this one has another C library, as Alpine',
  );
}

/**
 * Without the network part, whose names would be looked up.
 *
 * @returns {{ header: { glibcVersionRuntime?: string } }}
 */
export function readReport() {
  process.report.excludeNetwork = true;
  return process.report.getReport();
}
