/** Whether an address is that of a warehouse on Redshift. */
export function isRedshift(url: string): boolean {
  return url.startsWith('redshift:');
}
