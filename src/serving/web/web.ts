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

/** What routes are made of. */
export interface Web {
  app: FastifyInstance<
    RawServerDefault,
    RawRequestDefaultExpression,
    RawReplyDefaultExpression,
    FastifyBaseLogger,
    ZodTypeProvider
  >;
  queries: Queries;
  /** The warehouse's state, a second old at most. */
  state: () => Promise<State>;
  timeZone: string;
  isSimulated: boolean;
}
