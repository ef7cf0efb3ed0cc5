import { type AnswerLimits, checkComplexity, endOfString } from './answerLimits.js';
import { readBodyText } from './bodyText.js';
import type { Document } from './document.js';
import { isJsonObject } from './record.js';
import { type ReadAnswer, readText } from './readAnswer.js';
import type { Source } from './source.js';

/** A station in an answer's body: its byte offsets, and its parsed value. */
interface Element {
  start: number;
  end: number;
  value: unknown;
  /** As `Source.countRecords` counts them. */
  records: number;
}

/** The stations of an answer's body, and the array that holds them. */
interface Divided {
  elements: Element[];
  /** The array's key in the envelope. */
  key: string;
  /** Byte offsets of the array's brackets. */
  open: number;
  close: number;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/**
 * A reader for consecutive answers of a feed that parses only stations whose bytes changed. Nine in ten stations of an
 * answer have the same bytes as in the answer before. For these, the reader returns the same objects again, so that the
 * caller can compare them by `===`. Results equal those of `readAnswer`. {@link readText} reads any body of unexpected
 * structure.
 */
export class AnswerReader {
  private last: { body: Buffer; elements: Element[] } = { body: Buffer.alloc(0), elements: [] };

  constructor(private readonly limits: AnswerLimits) {}

  /**
   * Read the next answer. The body must not be changed afterwards.
   *
   * @param contentType the answer's header `Content-Type`; undefined when it is not known
   * @throws BadAnswer like `readAnswer`
   */
  read(source: Source, received: Buffer, contentType?: string): ReadAnswer {
    const text = readBodyText(received, contentType, this.limits);
    const { utf8: body, charsetIssue } = text;
    checkComplexity(body, this.limits);
    const divided = this.divide(source, body);
    const json = divided && envelopeOf(body, divided);
    this.last = { body, elements: json ? divided.elements : [] };
    if (!json) return readText(source, text, this.limits);
    return { ...source.readEnvelope(json), charsetIssue };
  }

  /**
   * Divide a body into stations. Returns null when the body has another structure or too many records; parsing stops
   * there.
   */
  private divide(source: Source, body: Buffer): Divided | null {
    const key = source.stationsKeys.find((candidate) => arrayOf(body, candidate) >= 0);
    if (key === undefined) return null;
    const open = arrayOf(body, key);
    const elements: Element[] = [];
    let records = 0;
    let expected = 0;
    let at = skipBlanks(body, open + 1);
    if (body[at] === CLOSE_BRACKET) return { elements, key, open, close: at };
    for (;;) {
      const known = this.find(body, at, expected);
      const element = known === null ? parseObject(source, body, at) : this.moved(known, at);
      if (!element) return null;
      records += element.records;
      if (records > this.limits.maxRecords) return null;
      expected = (known ?? expected) + 1;
      elements.push(element);
      at = skipBlanks(body, element.end);
      if (body[at] === CLOSE_BRACKET) return { elements, key, open, close: at };
      if (body[at] !== COMMA) return null;
      at = skipBlanks(body, at + 1);
    }
  }

  /**
   * Return the index of the last answer's station with the same bytes at this offset; null when there is none. Tries
   * the expected station and its two neighbours, because a station may have been added or removed.
   */
  private find(body: Buffer, at: number, expected: number): number | null {
    for (const index of [expected, expected + 1, expected - 1]) {
      const element = this.last.elements[index];
      if (!element) continue;
      const { start, end } = element;
      const until = at + end - start;
      if (until <= body.length && this.last.body.compare(body, at, until, start, end) === 0) return index;
    }
    return null;
  }

  private moved(index: number, at: number): Element | null {
    const element = this.last.elements[index];
    if (!element) return null;
    const { start, end, value, records } = element;
    return { start: at, end: at + end - start, value, records };
  }
}

/** Readers for consecutive answers of several documents: one {@link AnswerReader} for each position. */
export class DocumentsReader {
  private readonly readers: AnswerReader[] = [];

  constructor(private readonly limits: AnswerLimits) {}

  /**
   * Read the documents of the next answer. Their bodies must not be changed afterwards.
   *
   * @throws BadAnswer like `readDocuments`
   */
  read(source: Source, documents: readonly Document[]): ReadAnswer[] {
    return documents.map(({ body, contentType }, position) => {
      const reader = (this.readers[position] ??= new AnswerReader(this.limits));
      return reader.read(source, body, contentType);
    });
  }
}

/**
 * Return the answer with the parsed stations in it; null when the array that was found may not be the envelope's. It is
 * the envelope's when its key occurs only once: a key inside a string would have escaped quotes, and a key of a nested
 * object would leave none for the envelope.
 */
function envelopeOf(body: Buffer, { elements, key, open, close }: Divided): object | null {
  const around = `${body.toString('utf8', 0, open)}[]${body.toString('utf8', close + 1)}`;
  if (around.includes('\\') || around.split(`"${key}"`).length !== 2) return null;
  const json = parseOrNull(around);
  if (!isJsonObject(json) || !Array.isArray(json[key])) return null;
  return { ...json, [key]: elements.map(({ value }) => value) };
}

/** Return the offset of the opening bracket of the array with this key; -1 when the first such key has no array. */
function arrayOf(body: Buffer, key: string): number {
  const name = body.indexOf(`"${key}"`);
  if (name < 0) return -1;
  const colon = skipBlanks(body, name + key.length + 2);
  const open = skipBlanks(body, colon + 1);
  return body[colon] === COLON && body[open] === OPEN_BRACKET ? open : -1;
}

/** Parse the object that begins at `start`; null when no complete object begins there. */
function parseObject(source: Source, body: Buffer, start: number): Element | null {
  const end = endOfObject(body, start);
  if (end === null) return null;
  const value = parseOrNull(body.toString('utf8', start, end));
  return value === null ? null : { start, end, value, records: source.countRecords(value) };
}

/** Return the end of the object that begins at `start`; null when there is none. Counts braces and skips strings. */
function endOfObject(body: Buffer, start: number): number | null {
  if (body[start] !== OPEN_BRACE) return null;
  let depth = 0;
  for (let at = start; at < body.length; at++) {
    const byte = body[at];
    if (byte === QUOTE) at = endOfString(body, at);
    else if (byte === OPEN_BRACE) depth++;
    else if (byte === CLOSE_BRACE && --depth === 0) return at + 1;
  }
  return null;
}

/** Return the offset of the next byte that is not JSON whitespace. */
function skipBlanks(body: Buffer, start: number): number {
  let at = start;
  while (body[at] === 0x20 || body[at] === 0x0a || body[at] === 0x0d || body[at] === 0x09) at++;
  return at;
}

function parseOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
