import { createScanner, type JSONScanner } from 'jsonc-parser';

/** Position of one feed's envelope in a poll file: a half-open range of bytes. */
export interface EnvelopeRange {
  feed: string;
  start: number;
  end: number;
}

/** Envelopes that were found in a poll file. */
export interface Envelopes {
  /** Every complete envelope, in the order of the file. Whether it is an accepted answer is not known yet. */
  ranges: EnvelopeRange[];
  /** Where and why reading stopped before the end of the file; null when the whole file was read. */
  problem: string | null;
}

const BYTE_ORDER_MARK = '\u00ef\u00bb\u00bf';
const BLANKS = new Set([' ', '\t']);
/** Value of jsonc-parser's `ScanError.UnexpectedEndOfString`, a const enum that isolated modules can't use. */
const UNEXPECTED_END_OF_STRING = 2;

/**
 * Find the envelopes of a poll file, `{"<feed>": <envelope>, …}`, as exact ranges of its bytes. Therefore blanks,
 * escapes and the order of keys are preserved. An envelope is not parsed; only its end is searched.
 */
export function findEnvelopes(bytes: Buffer): Envelopes {
  const ranges: EnvelopeRange[] = [];
  try {
    for (const range of new PollFileScanner(bytes)) ranges.push(range);
    return { ranges, problem: null };
  } catch (error) {
    if (error instanceof Stop) return { ranges, problem: error.message };
    throw error;
  }
}

/** Error: the rest of the file can't be read. Its message becomes `problem`. */
class Stop extends Error {}

class PollFileScanner {
  /**
   * The file with one character for each byte, so that positions in the text are positions in the file. Line breaks are
   * replaced by blanks. A line break within a JSON string is invalid: the scanner would end the string there, and the
   * following envelopes would be lost.
   */
  private readonly text: string;
  private readonly tokens: JSONScanner;

  constructor(private readonly bytes: Buffer) {
    this.text = bytes.toString('latin1').replaceAll(/[\r\n]/g, ' ');
    this.tokens = createScanner(this.text, false);
    if (this.text.startsWith(BYTE_ORDER_MARK)) this.tokens.setPosition(BYTE_ORDER_MARK.length);
  }

  *[Symbol.iterator](): Generator<EnvelopeRange> {
    this.advance();
    if (this.token() !== '{') throw this.noObject();
    this.advance();
    if (this.token() !== '}') yield* this.members();
    this.advance();
    if (!this.isAtEnd())
      throw new Stop(`has content after the end of its JSON object, at byte ${this.start()}`);
  }

  private *members(): Generator<EnvelopeRange> {
    for (;;) {
      const feed = this.name();
      this.expect(':');
      this.advance();
      const start = this.start();
      const end = this.endOfValue();
      this.advance();
      // At the end of the file, only a value that ends in a bracket or a quote is known to be complete.
      if (this.isAtEnd() && !'}]"'.includes(this.text.charAt(end - 1))) throw this.cutShort();
      yield { feed, start, end };
      if (this.token() === '}') return;
      if (this.token() !== ',') throw this.unexpected();
      this.advance();
    }
  }

  private name(): string {
    if (this.token() !== '"') throw this.unexpected();
    const start = this.start();
    try {
      return String(JSON.parse(this.bytes.toString('utf8', start, this.end())));
    } catch {
      throw this.unexpected();
    }
  }

  private expect(token: string): void {
    this.advance();
    if (this.token() !== token) throw this.unexpected();
  }

  private endOfValue(): number {
    if (this.isAtEnd() || ',:}]'.includes(this.token())) throw this.unexpected();
    let depth = 0;
    for (;;) {
      if (this.isAtEnd()) throw this.cutShort();
      if ('{['.includes(this.token())) depth++;
      if ('}]'.includes(this.token())) depth--;
      if (depth === 0) return this.end();
      this.advance();
    }
  }

  /** Advance to the next token that is not blank. */
  private advance(): void {
    this.tokens.scan();
    while (BLANKS.has(this.token())) this.tokens.scan();
    if ((this.tokens.getTokenError() as number) === UNEXPECTED_END_OF_STRING) throw this.cutShort();
  }

  /** Return the first character of the token, which tells its kind; "" at the end of the file. */
  private token(): string {
    return this.text.charAt(this.start());
  }

  private start(): number {
    return this.tokens.getTokenOffset();
  }

  private end(): number {
    return this.start() + this.tokens.getTokenLength();
  }

  private isAtEnd(): boolean {
    return this.start() >= this.text.length;
  }

  private cutShort(): Stop {
    return new Stop(`is cut short after byte ${this.text.length}`);
  }

  private unexpected(): Stop {
    return this.isAtEnd() ? this.cutShort() : new Stop(`stops being a poll file at byte ${this.start()}`);
  }

  private noObject(): Stop {
    if (this.text.trim() === '') return new Stop('is empty');
    try {
      JSON.parse(this.text.slice(this.start()));
      return new Stop('is JSON, but not an object of feeds');
    } catch {
      return new Stop('is not JSON');
    }
  }
}
