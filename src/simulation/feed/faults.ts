import { z } from 'zod';
import { EXCESSIVE_SHAPES } from './excessiveData.js';

/** What the simulated feed can do instead of giving a good answer. */
export const faultSchema = z.discriminatedUnion('kind', [
  /** Close the connection as soon as the request is read. */
  z.strictObject({ kind: z.literal('refuse') }),
  /** Never respond. */
  z.strictObject({ kind: z.literal('hang') }),
  /** Send a good answer, but only a few bytes at a time. */
  z.strictObject({ kind: z.literal('slow'), bytesPerSecond: z.number().positive().default(1000) }),
  /**
   * Send half of the answer: half of the announced length, half of the chunks, or half of a gzip stream whose announced
   * length matches.
   */
  z.strictObject({ kind: z.literal('cut'), where: z.enum(['length', 'chunks', 'gzip']).default('length') }),
  z.strictObject({
    kind: z.literal('status'),
    status: z.int().min(200).max(599),
    retryAfterSeconds: z.int().nonnegative().optional(),
  }),
  /** Status 200 with an HTML page. */
  z.strictObject({ kind: z.literal('html') }),
  /** An envelope with no stations. */
  z.strictObject({ kind: z.literal('empty_data') }),
  /** An envelope whose field `status_code` reports a failure. */
  z.strictObject({ kind: z.literal('status_code'), statusCode: z.int().default(3000) }),
  /** A body that is announced as gzip but is not, or a body in ISO 8859-1 without a matching header. */
  z.strictObject({
    kind: z.literal('wrong_encoding'),
    encoding: z.enum(['not_gzip', 'latin1']).default('not_gzip'),
  }),
  /** A good answer in some charset, declared or not, with or without a byte order mark. */
  z.strictObject({
    kind: z.literal('charset'),
    charset: z.enum(['utf-8', 'iso-8859-1', 'utf-16le', 'utf-16be']),
    /** The charset that the header declares; null for none. Default: the charset of the body. */
    declared: z.string().nullable().optional(),
    byteOrderMark: z.boolean().default(false),
  }),
  /**
   * A good answer as a gzip file without `Content-Encoding`: whole, in two members, or compressed twice. Or such a file
   * with a missing end, with changed bytes, or of spaces that are far more after decompression.
   */
  z.strictObject({
    kind: z.literal('gzip_file'),
    form: z.enum(['whole', 'members', 'twice', 'cut', 'damaged', 'bomb']).default('whole'),
  }),
  /** Status 206 with the first half of the stations. */
  z.strictObject({ kind: z.literal('partial') }),
  /** A very long body. Compressed, it is small on the network. */
  z.strictObject({
    kind: z.literal('huge'),
    bytes: z.int().positive().default(100_000_000),
    compressed: z.boolean().default(false),
  }),
  /** An envelope of some megabytes that would need gigabytes of memory, or minutes, to be read. */
  z.strictObject({
    kind: z.literal('excessive'),
    shape: z.enum(EXCESSIVE_SHAPES).default('stations'),
    count: z.int().positive().default(1_000_000),
  }),
  /** The feed's last good answer, with a new timestamp. */
  z.strictObject({ kind: z.literal('frozen') }),
  /** The data of another feed. */
  z.strictObject({ kind: z.literal('other_feed'), feed: z.string() }),
  /** The first half of the body, sent correctly. */
  z.strictObject({ kind: z.literal('truncated_json') }),
]);

export type Fault = z.output<typeof faultSchema>;
/** A fault as input, in which fields with defaults may be absent. */
export type FaultInput = z.input<typeof faultSchema>;

export const faultOrderSchema = z.strictObject({
  fault: faultSchema,
  /** Feeds that have the fault. Default: all. */
  feeds: z.array(z.string()).optional(),
  /** Number of requests that have the fault, counted over all these feeds. Default: all until the fault is cleared. */
  times: z.int().positive().optional(),
  /** Offset of the page that has the fault. Default: every page. */
  offset: z.int().nonnegative().optional(),
});

export type FaultOrder = z.output<typeof faultOrderSchema>;
export type FaultOrderInput = z.input<typeof faultOrderSchema>;

/** The faults of the next requests. A request gets the first fault that applies to its feed, in the order of `add`. */
export class FaultQueue {
  private orders: FaultOrder[] = [];

  /**
   * Add a fault.
   *
   * @throws ZodError when the order is invalid
   */
  add(order: FaultOrderInput): void {
    this.orders.push(faultOrderSchema.parse(order));
  }

  /** Remove all faults, or those that name this feed. */
  clear(feed?: string): void {
    this.orders = feed === undefined ? [] : this.orders.filter((order) => !order.feeds?.includes(feed));
  }

  /** Take the fault of a feed's next request, for the page at `offset`; null if there is none. */
  take(feed: string, offset = 0): Fault | null {
    const isFor = (order: FaultOrder) =>
      (order.feeds?.includes(feed) ?? true) && (order.offset ?? offset) === offset;
    const order = this.orders.find(isFor);
    if (!order) return null;
    if (order.times !== undefined && --order.times === 0) {
      this.orders = this.orders.filter((other) => other !== order);
    }
    return order.fault;
  }

  list(): readonly FaultOrder[] {
    return this.orders;
  }
}
