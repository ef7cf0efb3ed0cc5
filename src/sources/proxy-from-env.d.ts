/** The package has no types of its own. */
declare module 'proxy-from-env' {
  /** Return the proxy that the environment names for an address; empty when it names none. */
  export function getProxyForUrl(url: string): string;
}
