import { topic } from '../setting.js';
import { host, hostNames, origins, proxies } from '../types/address.js';
import { port, wholeNumber } from '../types/number.js';

export const API = topic('API and dashboard', {
  port: {
    name: 'LADEPULS_API_PORT',
    type: port,
    unset: '8080; "ladepuls start" takes a free port where that is taken',
    about: 'The port of the API and the dashboard.',
    isCommon: true,
  },
  host: {
    name: 'LADEPULS_API_HOST',
    type: host,
    default: '127.0.0.1',
    about: 'The address at which the API listens.',
  },
  requestsPerMinute: {
    name: 'LADEPULS_API_REQUESTS',
    type: wholeNumber(1, 1_000_000, 'requests a minute'),
    default: '600',
    about: 'The most requests that one client address may send to the API.',
  },
  proxies: {
    name: 'LADEPULS_API_TRUST_PROXY',
    type: proxies,
    default: 'no',
    about: 'Whether proxies stand before the API; rate limits then use X-Forwarded-For.',
  },
  names: {
    name: 'LADEPULS_API_NAMES',
    type: hostNames,
    unset: 'every name, unless the API listens on loopback only',
    about: "The host names that requests to the API may use, besides this machine's own.",
  },
  origins: {
    name: 'LADEPULS_API_CORS',
    type: origins,
    unset: "the API's own pages only",
    about: 'The origins whose web pages may read the API.',
  },
});
