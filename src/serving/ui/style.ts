import { INK, LINE, SCALE } from './chart.js';

const [, , COLOUR] = SCALE;

/** Style sheet of a page. In print, the page has no margins of its own, and tables continue on the next page. */
export const STYLE = `
  :root { color: ${INK}; font: 15px/1.5 system-ui, sans-serif; }
  body { margin: 2rem auto; max-width: 92rem; padding: 0 1.5rem; }
  h1 { margin: 0; font-size: 1.9rem; }
  h2 { font-size: 1.2rem; }
  .brand { margin: 0; color: ${COLOUR}; font-weight: 600; }
  .figures { display: flex; flex-wrap: wrap; gap: .75rem; margin: 1.5rem 0; }
  .figures div { border: 1px solid ${LINE}; border-radius: .5rem; padding: .5rem 1rem; }
  .figures dt { font-size: .85rem; color: #6b7280; }
  .figures dd { margin: 0; font-size: 1.35rem; font-weight: 600; }
  .beside { display: grid; grid-template-columns: minmax(0, 3fr) minmax(0, 2fr); gap: 2rem; align-items: start; }
  .alone { max-width: 60rem; }
  figure { margin: 0 0 1.5rem; break-inside: avoid; }
  figcaption { font-weight: 600; }
  figure svg, figure img { width: 100%; height: auto; }
  table { border-collapse: collapse; width: 100%; margin: 1rem 0; font-variant-numeric: tabular-nums; }
  th, td { border-bottom: 1px solid ${LINE}; padding: .25rem .75rem .25rem 0; text-align: left; vertical-align: top; overflow-wrap: anywhere; }
  tbody th { font-weight: 400; min-width: 6.5rem; }
  section { overflow-x: auto; }
  tfoot th, tfoot td { font-weight: 600; }
  thead { display: table-header-group; }
  tr { break-inside: avoid; }
  .number { text-align: right; white-space: nowrap; }
  .trend path { fill: ${COLOUR}; }
  footer { color: #6b7280; }
  @media (max-width: 60rem) { .beside { display: block; } }
  @media print { body { margin: 0; max-width: none; padding: 0; font-size: 11px; } .beside { gap: 1rem; } }
`;
