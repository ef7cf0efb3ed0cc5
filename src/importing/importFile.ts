import pMap from 'p-map';
import { type Day, dayOf } from '../domain/day.js';
import { type Slot, slotOf } from '../domain/slot.js';
import { type AnswerLimits, DEFAULT_LIMITS } from '../sources/answerLimits.js';
import { readAnswer } from '../sources/readAnswer.js';
import { BadAnswer, FEED_NAME, type Source } from '../sources/source.js';
import { recordImport } from '../stores/collectionLog.js';
import { putNewRaw } from '../stores/rawObject.js';
import { SealedContents } from '../stores/sealed/sealedContents.js';
import type { Store } from '../stores/store.js';
import { decompress } from './decompress.js';
import { type EnvelopeRange, findEnvelopes } from './envelopes.js';
import type { FoundFile } from './foundFile.js';
import { receiptOf } from './pollFileName.js';
import type { Tally } from './summary.js';
import { UnreadableFile } from './unreadableFile.js';

/** Number of bodies of one file that are stored concurrently. */
const BODIES_AT_ONCE = 4;

/** Settings of an import: the raw store to write to, and how bodies are read. */
export interface ImportSettings {
  store: Store;
  source: Source;
  limits?: AnswerLimits;
  /** Time zone of the times in file names, and of days. */
  timeZone: string;
  intervalMinutes: number;
}

/** Properties of all bodies of a file, from the file's name. */
interface Receipt {
  file: string;
  receivedMs: number;
  slot: Slot;
  day: Day;
}

/**
 * Importer of poll files into a raw store. It stores the exact bytes of each envelope, in the slot of the time in the
 * file's name. Idempotent: importing a file again changes nothing.
 */
export class PollFileImporter {
  /** Writes to the collection log by this import, by day and feed; there is one write for each. */
  private readonly recorded = new Map<string, Promise<void>>();

  private readonly sealed: SealedContents;

  constructor(
    private readonly settings: ImportSettings,
    private readonly tally: Tally,
  ) {
    this.sealed = new SealedContents(settings.store);
  }

  /** Import a file. Contents that can't be read are added to the tally with the reason. */
  async importFile(file: FoundFile): Promise<void> {
    try {
      const problems = await this.importReadable(file);
      this.tally.files++;
      if (problems.length > 0) this.tally.fail(file.path, problems.join('; '));
    } catch (error) {
      if (!(error instanceof UnreadableFile)) throw error;
      this.tally.fail(file.path, error.message);
    }
  }

  /**
   * Import the readable bodies of a file, and return what could not be read.
   *
   * @throws UnreadableFile when nothing could be read
   */
  private async importReadable(file: FoundFile): Promise<string[]> {
    const receipt = this.receipt(file.name);
    const { bytes, cutShort } = await decompress(await file.read());
    const { ranges, problem: syntaxProblem } = findEnvelopes(bytes);
    const problem = cutShort ? 'is cut short: its compressed data lacks its end' : syntaxProblem;
    if (ranges.length === 0) throw new UnreadableFile(problem ?? 'holds no feeds');
    refuseSingleAnswer(bytes, ranges);
    const named = ranges.filter(({ feed }) => FEED_NAME.test(feed));
    const misnamed = ranges.filter(({ feed }) => !FEED_NAME.test(feed));
    const importOne = ({ feed, start, end }: EnvelopeRange): Promise<void> =>
      this.importBody(receipt, feed, bytes.subarray(start, end));
    await pMap(named, importOne, { concurrency: BODIES_AT_ONCE });
    return [
      ...(problem === null ? [] : [`${problem}; feeds before that, which are imported: ${named.length}`]),
      ...misnamed.map(
        ({ feed }) => `has a feed whose name is not allowed: ${JSON.stringify(feed.slice(0, 80))}`,
      ),
    ];
  }

  private async importBody(receipt: Receipt, feed: string, body: Buffer): Promise<void> {
    const { store, source, limits = DEFAULT_LIMITS } = this.settings;
    const { day } = receipt;
    const reason = reasonAgainst(source, body, limits);
    const origin = {
      ...receipt,
      feed,
      source: source.name,
      url: null,
      origin: 'import',
      started_at: null,
      http_status: null,
      attempts: 0,
      reason,
    } as const;
    await this.record(feed, day);
    const kind = reason === null ? 'accepted' : 'rejected';
    const isSealed = async (key: string) => (await this.sealed.of(feed, day)).keys.has(key);
    const { isNew } = await putNewRaw(store, kind, origin, body, isSealed);
    this.tally.add({ feed, day, isNew, reason });
  }

  private receipt(file: string): Receipt {
    const { timeZone, intervalMinutes } = this.settings;
    const receivedMs = receiptOf(file, timeZone);
    const slot = slotOf(receivedMs, intervalMinutes);
    return { file, receivedMs, slot, day: dayOf(slot, timeZone) };
  }

  /** Record in the collection log that polls of a feed and day are expected; once for each feed and day. */
  private record(feed: string, day: Day): Promise<void> {
    const { store, source, intervalMinutes } = this.settings;
    const key = `${day} ${feed}`;
    const recording =
      this.recorded.get(key) ?? recordImport(store, { feed, source: source.name, day, intervalMinutes });
    this.recorded.set(key, recording);
    return recording;
  }
}

/** Return why a body is rejected; null when it is accepted. */
function reasonAgainst(source: Source, body: Buffer, limits: AnswerLimits): string | null {
  try {
    readAnswer(source, body, limits);
    return null;
  } catch (error) {
    if (error instanceof BadAnswer) return error.reason;
    throw error;
  }
}

/**
 * Refuse a file that is one feed's answer: it has the form of a poll file, with feeds named "data" and "status_code".
 */
function refuseSingleAnswer(bytes: Buffer, ranges: EnvelopeRange[]): void {
  if (ranges.some(({ feed, start }) => feed === 'data' && bytes[start] === 0x5b)) {
    throw new UnreadableFile('is one feed\'s answer, not a poll of feeds: expected {"<feed>": <answer>, …}');
  }
}
