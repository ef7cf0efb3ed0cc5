/**
 * Error: a file is no poll file, or can't be read. The message continues a sentence that begins with the file's name.
 */
export class UnreadableFile extends Error {
  override name = 'UnreadableFile';
}
