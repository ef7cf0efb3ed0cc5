import { createReadStream, createWriteStream } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { gunzipSync } from 'node:zlib';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';

/**
 * Run the smallest possible cleaning: read, gunzip, `JSON.parse`, flatten both facts, write. It uses one thread and
 * checks nothing.
 *
 * @param oneOf reads only every n-th feed, ordered by name
 * @returns number of rows
 */
export async function cleaningFloor(
  rawRoot: string,
  out: { points: string; connectors: string },
  oneOf = 1,
): Promise<number> {
  const feeds = (await readdir(join(rawRoot, 'polls'))).sort().filter((_, number) => number % oneOf === 0);
  const files = (await Promise.all(feeds.map((feed) => gzipFiles(join(rawRoot, 'polls', feed))))).flat();
  const points = createWriteStream(out.points);
  const connectors = createWriteStream(out.connectors);
  let rows = 0;
  for (const file of files) {
    const text = gunzipSync(await readFile(file)).toString();
    const body = JSON.parse(text.slice(text.indexOf('\n') + 1)) as Body;
    let pointText = '';
    let connectorText = '';
    for (const station of body.data) {
      for (const point of station.evses) {
        pointText += `${point.uid},${body.timestamp},${body.timestamp},${point.status},${point.parkingsensor_status ?? ''}\n`;
        rows++;
        for (const connector of point.connectors) {
          connectorText += `${connector.id},${body.timestamp},${body.timestamp},${connector.status}\n`;
          rows++;
        }
      }
    }
    points.write(pointText);
    connectors.write(connectorText);
  }
  await Promise.all([points, connectors].map((stream) => new Promise((done) => stream.end(done))));
  return rows;
}

interface Body {
  timestamp: string;
  data: {
    evses: {
      uid: string;
      status: string;
      parkingsensor_status?: string;
      connectors: { id: string; status: string }[];
    }[];
  }[];
}

/**
 * Run the smallest possible loading: COPY the same rows into bare heap tables.
 *
 * @returns seconds
 */
export async function loadingFloor(
  url: string,
  files: { points: string; connectors: string },
): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(`
      drop table if exists bench_points, bench_connectors;
      create table bench_points (id varchar, slot timestamptz, query_time timestamptz, status varchar, sensor varchar);
      create table bench_connectors (id varchar, slot timestamptz, query_time timestamptz, status varchar)`);
    const started = performance.now();
    await pipeline(
      createReadStream(files.points),
      client.query(copyFrom('copy bench_points from stdin (format csv)')),
    );
    await pipeline(
      createReadStream(files.connectors),
      client.query(copyFrom('copy bench_connectors from stdin (format csv)')),
    );
    const seconds = (performance.now() - started) / 1000;
    await client.query('drop table bench_points, bench_connectors');
    return seconds;
  } finally {
    await client.end();
  }
}

async function gzipFiles(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true });
  return entries.filter((name) => name.endsWith('.gz')).map((name) => join(root, name));
}
