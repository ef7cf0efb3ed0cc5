import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Queries } from '../../warehouse/queries/registry.js';
import type { State } from '../../warehouse/queries/state.js';

/** Dependencies of routes. */
export interface Web {
  app: FastifyInstance<
    RawServerDefault,
    RawRequestDefaultExpression,
    RawReplyDefaultExpression,
    FastifyBaseLogger,
    ZodTypeProvider
  >;
  queries: Queries;
  /** State of the warehouse, at most a second old. */
  state: () => Promise<State>;
  timeZone: string;
  isSimulated: boolean;
}
