import type { ComponentChildren, VNode } from 'preact';
import { renderToString } from 'preact-render-to-string';
import { STYLE } from './style.js';

/** A prominent figure. */
export interface Figure {
  name: string;
  value: string;
}

/** Render a document as the text of an HTML file. Texts in it are escaped. */
export function toHtml(document: VNode): string {
  return `<!doctype html>\n${renderToString(document)}\n`;
}

export interface DocumentProps {
  title: string;
  /** Whether the page shows pictures from its own server. Without them, it needs no network. */
  hasImages?: boolean;
  /** Seconds after which the browser reloads the page. Default: never. */
  refreshSeconds?: number;
  children: ComponentChildren;
}

/**
 * Return the Content-Security-Policy of a page: no script, no form, and nothing from other servers. Inline styles are
 * allowed, because charts contain style attributes and elements that no list of digests could name.
 */
export function contentPolicy({ hasImages }: { hasImages: boolean }): string {
  const images = hasImages ? "; img-src 'self'" : '';
  return `default-src 'none'; style-src 'unsafe-inline'${images}; base-uri 'none'; form-action 'none'`;
}

/** Render a whole page without scripts. */
export function Document({ title, hasImages = false, refreshSeconds, children }: DocumentProps) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta http-equiv="Content-Security-Policy" content={contentPolicy({ hasImages })} />
        {refreshSeconds !== undefined && <meta http-equiv="refresh" content={String(refreshSeconds)} />}
        <title>{title}</title>
        <style dangerouslySetInnerHTML={{ __html: STYLE }} />
      </head>
      <body>{children}</body>
    </html>
  );
}

export function Figures({ figures }: { figures: Figure[] }) {
  return (
    <dl class="figures">
      {figures.map(({ name, value }) => (
        <div>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Render the headings of a table: columns of texts, then columns of numbers. */
export function Headings({ texts, numbers }: { texts: readonly string[]; numbers: readonly string[] }) {
  return (
    <thead>
      <tr>
        {texts.map((title) => (
          <th scope="col">{title}</th>
        ))}
        {numbers.map((title) => (
          <th scope="col" class="number">
            {title}
          </th>
        ))}
      </tr>
    </thead>
  );
}

/** Render a chart of {@link drawChart} with its title. */
export function Picture({ title, svg }: { title: string; svg: string }) {
  return (
    <figure>
      <figcaption>{title}</figcaption>
      <div dangerouslySetInnerHTML={{ __html: svg }} />
    </figure>
  );
}
