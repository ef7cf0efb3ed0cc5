/** Return whether a warehouse address is one of Redshift. */
export function isRedshift(url: string): boolean {
  return url.startsWith('redshift:');
}
