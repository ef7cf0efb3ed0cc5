import type { z } from 'zod';
import type { Normalised, ValueIssue } from '../domain/normalised.js';
import type { Entity } from '../domain/observation.js';
import { ALWAYS_FITS, fitText, isTextColumn } from '../domain/textBytes.js';
import type { FieldIssues } from './fieldIssues.js';

/** A parsed JSON object. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function isJsonObject(json: unknown): json is JsonObject {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

/** A schema whose attributes all come from `attributes.ts`. */
export type RecordSchema = z.ZodObject<Record<string, z.ZodType<Normalised<unknown>>>>;

type Values<S extends RecordSchema> = {
  [Field in keyof z.output<S>]: z.output<S>[Field] extends Normalised<infer T> ? T | null : never;
};

/**
 * A reader of one record of an answer: a station, charging point or connector. It reads the record's attributes, and
 * reports issues with the record's key and path.
 */
export class RecordReader {
  constructor(
    readonly entity: Entity,
    readonly id: string,
    readonly path: string,
    private readonly json: JsonObject,
    private readonly fieldIssues: FieldIssues,
  ) {}

  /** Read the record's attributes, normalised. Reports fields that the schema does not contain. */
  read<S extends RecordSchema>(schema: S): Values<S> {
    return this.readObject(schema, this.json, '');
  }

  /**
   * Read an object in a field of the record like {@link read}. When the field has no object, every attribute is null.
   */
  readNested<S extends RecordSchema>(schema: S, field: string): Values<S> {
    const json = this.json[field] ?? {};
    if (isJsonObject(json)) return this.readObject(schema, json, `${field}.`);
    this.report(field, [{ reason: 'not_an_object', at: '', raw: json }]);
    return this.readObject(schema, {}, `${field}.`);
  }

  /** Report the issues of a field's value. */
  report(field: string, issues: readonly ValueIssue[]): void {
    if (issues.length > 0) this.fieldIssues.add(this, field, issues);
  }

  /** Cut the texts of the record's content to the lengths of their columns. Reports each text that was cut. */
  fit<C extends object>(content: C): C {
    let fitted = content;
    for (const column in content) {
      const value = content[column];
      if (typeof value !== 'string' || value.length <= ALWAYS_FITS || !isTextColumn(column)) continue;
      const text = fitText(column, value);
      if (text === value) continue;
      fitted = { ...fitted, [column]: text };
      this.fieldIssues.addCut(this, column, value);
    }
    return fitted;
  }

  private readObject<S extends RecordSchema>(schema: S, json: JsonObject, prefix: string): Values<S> {
    const { shape } = schema;
    for (const field in json) {
      if (!Object.hasOwn(shape, field)) this.fieldIssues.addUnknown(this, prefix, field, json[field]);
    }
    const values: Record<string, unknown> = {};
    for (const [field, { value, issues }] of Object.entries(schema.parse(json))) {
      values[field] = value;
      this.report(prefix + field, issues);
    }
    return values as Values<S>;
  }
}
