import { DEFAULT_MAX_RECORDS } from '../../sources/answerLimits.js';
import { topic } from '../setting.js';
import { httpUrl } from '../types/address.js';
import { interval, timeout } from '../types/duration.js';
import { feeds } from '../types/feeds.js';
import { wholeNumber } from '../types/number.js';
import { size } from '../types/size.js';
import { anyText } from '../types/text.js';

export const POLLING = topic('Polling', {
  feeds: {
    name: 'LADEPULS_FEEDS',
    type: feeds,
    unset: "ChargeCloud's 38 feeds",
    about: 'The feeds to poll.',
    isCommon: true,
  },
  intervalMinutes: {
    name: 'LADEPULS_INTERVAL',
    type: interval,
    default: '10m',
    about: 'The time between two polls of a feed.',
    isCommon: true,
  },
  contact: {
    name: 'LADEPULS_CONTACT',
    type: anyText,
    unset: 'none is sent',
    about: 'Your address for the operators of the feeds; every request sends it in its User-Agent.',
    isCommon: true,
  },
  chargecloudUrl: {
    name: 'LADEPULS_CHARGECLOUD_URL',
    type: httpUrl,
    default: 'https://new-poi.chargecloud.de',
    about: "The base address of ChargeCloud's API.",
  },
  connectTimeoutMs: {
    name: 'LADEPULS_CONNECT_TIMEOUT',
    type: timeout,
    default: '10s',
    about: 'The time limit for a connection to a feed.',
  },
  timeoutMs: {
    name: 'LADEPULS_POLL_TIMEOUT',
    type: timeout,
    default: '60s',
    about: 'The time limit for one request to a feed, with its answer.',
  },
  maxBodyBytes: {
    name: 'LADEPULS_MAX_BODY',
    type: size,
    default: '16MB',
    about: 'The largest answer of a feed that is accepted, measured after decompression.',
  },
  maxEncodedBytes: {
    name: 'LADEPULS_MAX_ENCODED_BODY',
    type: size,
    default: '8MB',
    about: 'The largest answer of a feed that is accepted, measured as it is sent.',
  },
  maxRecords: {
    name: 'LADEPULS_MAX_RECORDS',
    type: wholeNumber(1, 10_000_000, 'records'),
    default: String(DEFAULT_MAX_RECORDS),
    about: 'The most stations, charging points and connectors, added up, that one answer of a feed may have.',
  },
  requestsPerHost: {
    name: 'LADEPULS_REQUESTS_PER_HOST',
    type: wholeNumber(1, 64, 'requests'),
    default: '4',
    about: 'The most requests that a worker sends to one host at the same time.',
  },
});
