import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { parseDay } from '../../domain/day.js';
import type { FeedContent } from './content.js';
import { simulateFleet } from './fleet.js';
import { pagingSchema } from './pages.js';
import { replayDocument, replayPolls } from './recordedPolls.js';

const processOptionsSchema = z.strictObject({
  port: z.int().min(0).max(65_535).optional(),
  logFile: z.string().optional(),
  fleet: z
    .strictObject({
      seed: z.int(),
      feeds: z.array(z.string()).min(1),
      stationsPerFeed: z
        .union([z.int().nonnegative(), z.record(z.string(), z.int().nonnegative())])
        .optional(),
      renumbering: z.strictObject({ feed: z.string(), day: z.string().transform(parseDay) }).optional(),
      timeZone: z.string().optional(),
    })
    .optional(),
  polls: z
    .strictObject({
      paths: z.array(z.string()).min(1),
      afterLast: z.enum(['stay', 'loop']).default('stay'),
      timeZone: z.string().optional(),
    })
    .optional(),
  /** Files of recorded documents, by feed. */
  documents: z.record(z.string(), z.string()).default({}),
  /** The feeds that divide their answers into pages. */
  paging: z.record(z.string(), pagingSchema).optional(),
  /** Whether the process stops when its standard input ends. False if another process will stop it. */
  stopWithInput: z.boolean().default(true),
});

/** The options of the process, passed as JSON. */
export type ProcessOptions = z.input<typeof processOptionsSchema>;

/**
 * Read the process's only argument: JSON, or the name of a JSON file.
 * @throws Error when the options are missing or invalid; the message says what is wrong
 */
export async function readProcessOptions(argument: string | undefined) {
  if (argument === undefined)
    throw new Error('the simulated feed needs its options: JSON, or a file of JSON');
  const text = argument.trimStart().startsWith('{') ? argument : await readFile(argument, 'utf8');
  const parsed = processOptionsSchema.safeParse(JSON.parse(text));
  if (parsed.success) return parsed.data;
  throw new Error(`the simulated feed's options are wrong:\n${z.prettifyError(parsed.error)}`);
}

/** Open the contents that the options name. */
export async function openContents(options: z.output<typeof processOptionsSchema>): Promise<FeedContent[]> {
  const documents = Object.entries(options.documents).map(([feed, file]) => replayDocument(feed, file));
  return [
    ...(options.fleet ? [simulateFleet(options.fleet)] : []),
    ...(options.polls ? [await replayPolls(options.polls)] : []),
    ...(await Promise.all(documents)),
  ];
}
