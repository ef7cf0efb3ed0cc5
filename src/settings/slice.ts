import type { Config } from './config.js';

/** `topic.field` of every setting, such as `polling.intervalMinutes`. */
type Path = {
  [Of in keyof Config]: `${Of}.${keyof Config[Of] & string}`;
}[keyof Config];

type FieldsOf<Of extends keyof Config, Wanted extends Path> = Wanted extends `${Of}.${infer Field}`
  ? Field & keyof Config[Of]
  : never;

/**
 * The listed settings of `Config`, and no others, still grouped by topic.
 *
 * @example Slice<'polling.intervalMinutes' | 'general.timeZone'>
 * // { polling: { intervalMinutes: number }; general: { timeZone: string } }
 */
export type Slice<Wanted extends Path> = {
  [Of in keyof Config as FieldsOf<Of, Wanted> extends never ? never : Of]: Pick<
    Config[Of],
    FieldsOf<Of, Wanted>
  >;
};

/**
 * The listed settings of `Config`, without topics, for types that have further fields.
 *
 * @example Fields<'polling.intervalMinutes' | 'general.timeZone'> // { intervalMinutes: number; timeZone: string }
 */
export type Fields<Wanted extends Path> = {
  [Each in Wanted as FieldOf<Each>]: Each extends `${infer Of extends keyof Config}.${infer Field}`
    ? Config[Of][Field & keyof Config[Of]]
    : never;
};

type FieldOf<Wanted extends Path> = Wanted extends `${string}.${infer Field}` ? Field : never;
