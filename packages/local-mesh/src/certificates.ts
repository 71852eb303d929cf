/** A certificate authority that lives in a folder. */
export interface Authority {
  /** PEM of the root certificate. */
  rootCertificate: string;
  /**
   * Writes the SDS files of one proxy to `<directory>/<proxy.name>/`; leaves them when more than half of their life is left.
   * To be called before the proxy starts, and now and then afterwards: running proxies take a new certificate by themselves.
   * @returns whether a new certificate was issued.
   */
  issueSecrets(proxy: { name: string; spiffeId: string }, directory: string): Promise<boolean>;
}

/** Opens the authority in `directory`, creating key (0600) and root certificate when they are missing or expired. */
export function createAuthority(directory: string): Promise<Authority> {
  throw new Error(`not made yet: ${directory}`);
}
