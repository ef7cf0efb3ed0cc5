import type { IncomingMessage, ServerResponse } from 'node:http';
import { contentTypeOf, encodeText, firstHalf, gzipFile } from './bodyForms.js';
import type { FeedContent } from './content.js';
import {
  deliver,
  deliverCut,
  deliverHuge,
  deliverMislabelled,
  deliverSlowly,
  type Delivery,
} from './delivery.js';
import { excessiveData } from './excessiveData.js';
import type { Fault, FaultQueue } from './faults.js';
import { offsetOf, type PagedAnswer, pageOf, type Paging, parseAnswer, type ServedPage } from './pages.js';
import { describeBody, type LogEntry } from './requestLog.js';
import { formatTimestamp } from './localTime.js';

/** The count and instant of a good answer. A frozen answer repeats them. */
interface Moment {
  count: number;
  statusMs: number;
}

const DEFAULT_RETRY_AFTER_SECONDS = 30;
const HTML_PAGE = '<!DOCTYPE html><title>Wartung</title><h1>Wir sind gleich zurück</h1>';
const TIME_ZONE = 'Europe/Berlin';

/** Answers requests for feeds from their contents, or with the fault that applies. */
export class Answering {
  private readonly contents = new Map<string, FeedContent>();
  /** Number of good answers of each feed. A faulty answer does not consume a recorded one. */
  private readonly counts = new Map<string, number>();
  private readonly lastMoments = new Map<string, Moment>();
  /** For each feed with pages: the answer whose first page was sent last. Its later pages belong to it. */
  private readonly begun = new Map<string, PagedAnswer>();

  constructor(
    contents: readonly FeedContent[],
    private readonly faults: FaultQueue,
    private readonly now: () => number,
    /** The feeds that divide their answers into pages. */
    private readonly paging: ReadonlyMap<string, Paging> = new Map(),
  ) {
    for (const content of contents) for (const feed of content.feeds) this.contents.set(feed, content);
  }

  get feeds(): string[] {
    return [...this.contents.keys()];
  }

  async answer(request: IncomingMessage, response: ServerResponse, entry: LogEntry): Promise<void> {
    const url = urlOf(request);
    const fault = this.faults.take(entry.feed, offsetOf(url));
    if (fault) entry.fault = fault.kind;
    if (fault?.kind === 'refuse') request.socket.destroy();
    if (fault?.kind === 'refuse' || fault?.kind === 'hang') return;
    if (fault?.kind === 'huge') {
      entry.status = 200;
      entry.bytes = fault.bytes;
      await deliverHuge(response, fault.bytes, fault.compressed);
      return;
    }
    const delivery = await this.deliveryOf(entry.feed, url, fault);
    describeBody(entry, delivery.status, delivery.body);
    await send(response, delivery, fault, acceptsGzip(request));
  }

  private async deliveryOf(feed: string, url: URL, fault: Fault | null): Promise<Delivery> {
    if (fault?.kind === 'status') return statusPage(fault.status, fault.retryAfterSeconds);
    if (fault?.kind === 'html') return { ...page(HTML_PAGE), contentType: 'text/html' };
    if (fault?.kind === 'empty_data') return page(this.emptyEnvelope(1000, 'Success'));
    if (fault?.kind === 'excessive') {
      const data = excessiveData(fault.shape, fault.count);
      return page(this.emptyEnvelope(1000, 'Success').replace('[]', () => data));
    }
    if (fault?.kind === 'status_code')
      return page(this.emptyEnvelope(fault.statusCode, 'Generic server error'));
    const served = await this.servedOf(feed, url, fault);
    if (served === null) return page('{"message":"no such answer"}', this.contents.has(feed) ? 503 : 404);
    const { body: text, headers } = served;
    if (fault?.kind === 'truncated_json') return page(text.slice(0, text.length >> 1));
    if (fault?.kind === 'partial') return page(firstHalf(text), 206);
    if (fault?.kind === 'charset')
      return { status: 200, contentType: contentTypeOf(fault), body: encodeText(text, fault) };
    if (fault?.kind === 'gzip_file')
      return { status: 200, contentType: 'application/gzip', body: gzipFile(text, fault) };
    if (fault?.kind !== 'wrong_encoding' || fault.encoding !== 'latin1') return { ...page(text), headers };
    return { ...page(''), body: Buffer.from(text, 'latin1') };
  }

  /** Return the body and headers of a response; null if the recording has no answer. */
  private async servedOf(feed: string, url: URL, fault: Fault | null): Promise<ServedPage | null> {
    const paging = this.paging.get(feed);
    const begun = this.begun.get(feed);
    if (paging && begun && offsetOf(url) > 0) return pageOf(begun, url, paging);
    const body = await this.bodyOf(feed, fault);
    if (body === null || !paging) return body === null ? null : { body, headers: {} };
    const answer = parseAnswer(body);
    this.begun.set(feed, answer);
    return pageOf(answer, url, paging);
  }

  private async bodyOf(feed: string, fault: Fault | null): Promise<string | null> {
    const source = fault?.kind === 'other_feed' ? fault.feed : feed;
    const answeredMs = this.now();
    const current: Moment = { count: this.counts.get(source) ?? 0, statusMs: answeredMs };
    const moment = fault?.kind === 'frozen' ? (this.lastMoments.get(feed) ?? current) : current;
    const good = fault === null || fault.kind === 'slow';
    if (good) this.counts.set(feed, current.count + 1);
    if (good || fault.kind === 'frozen') this.lastMoments.set(feed, moment);
    return (await this.contents.get(source)?.answer({ feed: source, ...moment, answeredMs })) ?? null;
  }

  private emptyEnvelope(statusCode: number, message: string): string {
    const timestamp = formatTimestamp(this.now(), TIME_ZONE);
    return JSON.stringify({ data: [], status_code: statusCode, status_message: message, timestamp });
  }
}

/** Return the address of a request, as the client wrote it. */
function urlOf({ url, headers }: IncomingMessage): URL {
  return new URL(url ?? '/', `http://${headers.host ?? 'localhost'}`);
}

function page(text: string, status = 200): Delivery {
  return { status, contentType: 'application/json', body: Buffer.from(text) };
}

function statusPage(status: number, retryAfterSeconds: number | undefined): Delivery {
  const patience = status === 429 ? DEFAULT_RETRY_AFTER_SECONDS : undefined;
  const content = page(`{"message":"simulated status ${status}"}`, status);
  return { ...content, retryAfterSeconds: retryAfterSeconds ?? patience };
}

function send(
  response: ServerResponse,
  delivery: Delivery,
  fault: Fault | null,
  gzip: boolean,
): Promise<void> {
  if (fault?.kind === 'slow') return deliverSlowly(response, delivery, fault.bytesPerSecond);
  if (fault?.kind === 'cut') return deliverCut(response, delivery, fault.where);
  if (fault?.kind === 'wrong_encoding' && fault.encoding === 'not_gzip')
    return deliverMislabelled(response, delivery);
  return deliver(response, delivery, gzip && fault?.kind !== 'gzip_file');
}

function acceptsGzip(request: IncomingMessage): boolean {
  return /\bgzip\b/.test(request.headers['accept-encoding']?.toString() ?? '');
}
