/** One response of a feed's server to one request of a poll. */
export interface Document {
  body: Buffer;
  /** The header `Content-Type`; undefined when the response had none, or it is not known. */
  contentType?: string | undefined;
}
