import { z } from 'zod';
import { EXCESSIVE_SHAPES } from './excessiveData.js';

/** What the simulated feed can be told to do instead of a good answer. */
export const faultSchema = z.discriminatedUnion('kind', [
  /** Ends the connection as soon as the request is read. */
  z.strictObject({ kind: z.literal('refuse') }),
  /** Never answers. */
  z.strictObject({ kind: z.literal('hang') }),
  /** Answers well, but a few bytes at a time. */
  z.strictObject({ kind: z.literal('slow'), bytesPerSecond: z.number().positive().default(1000) }),
  /**
   * Sends half: of the length it had announced, of its chunks, or of a gzip stream with the right length for a half.
   */
  z.strictObject({ kind: z.literal('cut'), where: z.enum(['length', 'chunks', 'gzip']).default('length') }),
  z.strictObject({
    kind: z.literal('status'),
    status: z.int().min(200).max(599),
    retryAfterSeconds: z.int().nonnegative().optional(),
  }),
  /** 200 with a page for people. */
  z.strictObject({ kind: z.literal('html') }),
  /** An envelope without stations. */
  z.strictObject({ kind: z.literal('empty_data') }),
  /** An envelope whose own status says that it went wrong. */
  z.strictObject({ kind: z.literal('status_code'), statusCode: z.int().default(3000) }),
  /** Says gzip and is not; or is ISO 8859-1, without saying so. */
  z.strictObject({
    kind: z.literal('wrong_encoding'),
    encoding: z.enum(['not_gzip', 'latin1']).default('not_gzip'),
  }),
  /** Goes on and on; compressed, it is small on the wire. */
  z.strictObject({
    kind: z.literal('huge'),
    bytes: z.int().positive().default(100_000_000),
    compressed: z.boolean().default(false),
  }),
  /** An envelope of some megabytes that would take gigabytes of memory, or minutes, once it is read. */
  z.strictObject({
    kind: z.literal('excessive'),
    shape: z.enum(EXCESSIVE_SHAPES).default('stations'),
    count: z.int().positive().default(1_000_000),
  }),
  /** The feed's last good answer with a fresh timestamp. */
  z.strictObject({ kind: z.literal('frozen') }),
  /** The data of another feed. */
  z.strictObject({ kind: z.literal('other_feed'), feed: z.string() }),
  /** The first half of the body, well delivered. */
  z.strictObject({ kind: z.literal('truncated_json') }),
]);

export type Fault = z.output<typeof faultSchema>;
/** A fault as it may be written: what has a default may be left out. */
export type FaultInput = z.input<typeof faultSchema>;

export const faultOrderSchema = z.strictObject({
  fault: faultSchema,
  /** Absent: all feeds. */
  feeds: z.array(z.string()).optional(),
  /** The next so many requests, of all these feeds together; absent: until cleared. */
  times: z.int().positive().optional(),
});

export type FaultOrder = z.output<typeof faultOrderSchema>;
export type FaultOrderInput = z.input<typeof faultOrderSchema>;

/** The faults that are still to come: for each request the first one that fits, in the order they were given. */
export class FaultQueue {
  private orders: FaultOrder[] = [];

  /** Throws a ZodError when the order is none. */
  add(order: FaultOrderInput): void {
    this.orders.push(faultOrderSchema.parse(order));
  }

  /** Removes all, or those that name this feed. */
  clear(feed?: string): void {
    this.orders = feed === undefined ? [] : this.orders.filter((order) => !order.feeds?.includes(feed));
  }

  /** The fault of the next request of a feed. */
  take(feed: string): Fault | null {
    const order = this.orders.find(({ feeds }) => feeds?.includes(feed) ?? true);
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
