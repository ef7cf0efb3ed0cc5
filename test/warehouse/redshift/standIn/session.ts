import type { Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { createGzip } from 'node:zlib';
import type { Store } from '../../../../src/stores/store.js';
import { findDenied } from '../dialect/denied.js';
import { encode, isSslRequest, type Message, MessageReader, textAt, textMessage } from './messages.js';
import { copiedBytes, type Objects } from './objects.js';
import { readCopy, readUnload, type UnloadStatement } from './s3Statements.js';
import { DROPPED, REBIND, Refused, translate } from './translate.js';

export interface SessionOptions {
  iamRole: string;
  objects: Objects;
  /** Called with each statement before it runs. If it throws, the client gets the error as the server's error. */
  onStatement: (statement: string) => void | Promise<void>;
}

/** Redshift uses snapshot isolation or stricter. Postgres calls snapshot isolation `repeatable read`. */
const SESSION_OPTIONS = '-c default_transaction_isolation=repeatable\\ read -c client_min_messages=warning';

/** Connection of one client. Its messages are sent to Postgres, and changed where Redshift differs. */
export class Session {
  private readonly fromClient = new MessageReader(true);
  private readonly fromServer = new MessageReader(false);
  private clientWork: Promise<void> = Promise.resolve();
  private serverWork: Promise<void> = Promise.resolve();
  /** Refusal of a statement of the extended protocol. Further messages are skipped until the client's Sync. */
  private refusal: Refused | null = null;
  private lastCopyCount = 0;
  /** Whether tables that views read were renamed or dropped. */
  private hasUnbound = false;
  /** Handler of the server's messages during a COPY or UNLOAD. */
  private onAnswer: ((message: Message) => Promise<Message | null> | Message | null) | null = null;

  constructor(
    private readonly client: Socket,
    private readonly server: Socket,
    private readonly options: SessionOptions,
  ) {
    client.on('data', (bytes) => {
      for (const message of this.fromClient.read(bytes))
        this.clientWork = this.clientWork.then(() => this.take(message)).catch(() => this.end());
    });
    server.on('data', (bytes) => {
      for (const message of this.fromServer.read(bytes))
        this.serverWork = this.serverWork.then(() => this.answer(message)).catch(() => this.end());
    });
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      socket.on('error', () => other.destroy());
      socket.on('close', () => other.destroy());
    }
  }

  end(): void {
    this.client.destroy();
    this.server.destroy();
  }

  private async take(message: Message): Promise<void> {
    if (isSslRequest(message)) this.client.write('N');
    else if (message.kind === '') this.server.write(encode(startup(message)));
    else if (message.kind === 'Q') await this.simpleQuery(textAt(message.body, 0).text);
    else if (message.kind === 'P') await this.parse(message);
    else if (this.refusal === null) this.server.write(encode(message));
    else if (message.kind === 'S') this.fail(this.refusal);
  }

  private async simpleQuery(statement: string): Promise<void> {
    try {
      await this.inspect(statement);
      if (/^\s*copy\b/i.test(statement)) this.copy(statement);
      else if (/^\s*unload\b/i.test(statement))
        await this.unload(readUnload(statement, this.options.iamRole));
      else this.run(this.translated(statement));
    } catch (error) {
      this.fail(error);
    }
  }

  private async parse({ body }: Message): Promise<void> {
    const name = textAt(body, 0);
    const statement = textAt(body, name.next);
    try {
      await this.inspect(statement.text);
      const sql = translate(statement.text, this.lastCopyCount);
      const head = textMessage('P', name.text, sql).body;
      this.server.write(encode({ kind: 'P', body: Buffer.concat([head, body.subarray(statement.next)]) }));
    } catch (error) {
      this.refusal = error instanceof Refused ? error : new Refused(String(error));
    }
  }

  private async inspect(statement: string): Promise<void> {
    await this.options.onStatement(statement);
    const [denied] = findDenied(statement);
    if (denied) throw new Refused(`${denied.name}: ${denied.why} (${denied.source})`);
  }

  private translated(statement: string): string {
    const sql = translate(statement, this.lastCopyCount);
    if (/^\s*alter schema\b/i.test(sql) || DROPPED.test(statement)) this.hasUnbound = true;
    if (!this.hasUnbound || !/^\s*(commit|end)\b/i.test(sql)) return sql;
    this.hasUnbound = false;
    return `${REBIND}; commit`;
  }

  private run(sql: string): void {
    this.server.write(encode(textMessage('Q', sql)));
  }

  /** Make Postgres raise the error, so that its transaction fails. */
  private fail(error: unknown): void {
    this.refusal = null;
    const message = (error instanceof Error ? error.message : String(error)).replaceAll(`'`, `''`);
    this.run(
      `do $refused$ begin raise exception using message = '${message}', errcode = '0A000'; end $refused$`,
    );
  }

  private copy(statement: string): void {
    const copy = readCopy(statement, this.options.iamRole);
    this.onAnswer = async (message) => {
      if (message.kind === 'G') {
        await this.pump(copiedBytes(copy, this.options.objects));
        return null;
      }
      if (message.kind === 'Z') this.onAnswer = null;
      if (message.kind !== 'C') return message;
      this.lastCopyCount = Number(textAt(message.body, 0).text.split(' ')[1]);
      return textMessage('C', 'COPY');
    };
    this.run(`copy ${copy.target} (${copy.columns}) from stdin (format csv)`);
  }

  private async pump(parts: AsyncIterable<Buffer>): Promise<void> {
    try {
      for await (const body of parts) this.server.write(encode({ kind: 'd', body }));
      this.server.write(encode({ kind: 'c', body: Buffer.alloc(0) }));
    } catch (error) {
      this.server.write(encode(textMessage('f', error instanceof Error ? error.message : String(error))));
    }
  }

  private async unload({ query, prefix, mayOverwrite }: UnloadStatement): Promise<void> {
    const file = `${prefix}000.gz`;
    const { store, key } = this.options.objects.at(prefix);
    if (!mayOverwrite) await refuseExisting(store, key);
    const csv = new PassThrough();
    const stored = store.putStream(`${key}000.gz`, csv.pipe(createGzip()));
    stored.catch(() => undefined); // looked at when the server is done
    this.onAnswer = async (message) => {
      if (message.kind === 'H' || message.kind === 'c') return null;
      if (message.kind === 'd') {
        csv.write(message.body);
        return null;
      }
      if (message.kind === 'E') csv.destroy(new Error('the query failed'));
      if (message.kind === 'Z') this.onAnswer = null;
      if (message.kind !== 'C') return message;
      csv.end();
      await stored;
      const manifest = Buffer.from(JSON.stringify({ entries: [{ url: file }] }));
      await store.put(`${key}manifest`, manifest);
      return textMessage('C', 'UNLOAD');
    };
    this.run(`copy (${translate(query, 0)}) to stdout (format csv, header)`);
  }

  private async answer(message: Message): Promise<void> {
    const told = this.onAnswer ? await this.onAnswer(message) : message;
    if (told) this.client.write(encode(told));
  }
}

/** Return the client's first message with added settings that make Postgres more like Redshift. */
function startup(message: Message): Message {
  const parameters = message.body.toString('utf8', 4);
  if (parameters.includes('options\0')) throw new Refused('Redshift documents no parameter "options"');
  const head = message.body.subarray(0, 4);
  return { kind: '', body: Buffer.concat([head, Buffer.from(`options\0${SESSION_OPTIONS}\0${parameters}`)]) };
}

async function refuseExisting(store: Store, prefix: string): Promise<void> {
  for await (const { key } of store.list(prefix))
    throw new Refused(`Specified unload destination on S3 is not empty: ${key}`);
}
