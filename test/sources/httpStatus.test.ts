import { expect, it } from 'vitest';
import { rejectStatus } from '../../src/sources/httpStatus.js';

it.each([200, 201, 203, 204, 205])('status %i leaves it to the body', (status) => {
  expect(rejectStatus(status)).toBeNull();
});

it.each([206, 226, 304, 401, 404, 429, 500, 503])('status %i is rejected with its reason', (status) => {
  expect(rejectStatus(status)).toMatchObject({ reason: `http_${status}` });
});

it('a part of the data is called that', () => {
  expect(rejectStatus(206)?.message).toBe("the answer's HTTP status is 206: it is only a part of the data");
});
