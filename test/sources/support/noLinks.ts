import type { PageLinks } from '../../../src/sources/paging.js';

/** The links of a body that says nothing about other pages. */
export const NO_LINKS: PageLinks = { next: null, nextOffset: null, total: null };
