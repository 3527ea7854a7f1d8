import { describe, expect, it } from 'vitest';
import { isSameSign, serverSign, subtitleSign } from '../../../../../pipeline/gateways/callbacks/signature.ts';

/** Seed 002's sample in the form whose signature is the printed one (reference/providers.md §1.1). */
const sample = [
  '{',
  '\t"EventGroupId":\t2,',
  '\t"EventType":\t204,',
  '\t"CallbackTs":\t1664209748188,',
  '\t"EventInfo":\t{',
  '\t\t"RoomId":\t8489,',
  '\t\t"EventTs":\t1664209748,',
  '\t\t"EventMsTs":\t1664209748180,',
  '\t\t"UserId":\t"user_85034614",',
  '\t\t"Reason":\t0',
  '\t}',
  '}',
].join('\n');

describe('signatures of callbacks', () => {
  it('is the one the document prints for its sample', () => {
    expect(Buffer.byteLength(sample)).toBe(207);
    expect(serverSign('123654', sample)).toBe('kkoFeO3Oh2ZHnjtg8tEAQhtXK16/KI05W3BQff8IvGA=');
  });

  it('is over the bytes: one line end more is another signature', () => {
    expect(serverSign('123654', `${sample}\n`)).toBe('/AJ2W641rXMAGnhu8lGSiSDJxYZVAtJLk2ncQJodHNk=');
  });

  it('has the PHP and Go samples’ too', () => {
    const body =
      '{\n\t"EventGroupId":\t1,\n\t"EventType":\t101,\n\t"CallbackTs":\t1608086882372,\n\t"EventInfo":\t{\n\t\t"RoomId":\t20222,\n\t\t"EventTs":\t1608086882,\n\t\t"UserId":\t"222222_phone"\n\t}\n}';
    expect(serverSign('789', body)).toBe('t2Yq1R4wilV/RIMRyygkgdhxWO8dgTdXXrfNVtz7V3k=');
  });

  it('of a subtitle covers body, time and id', () => {
    const body =
      '{"session_id":"s1","room_id":"r1","product_id":"P","device_name":"d","role":"user","text":"你好","timestamp_ms":1700000000000}';
    const sign = subtitleSign('key123', body, '1700000000123', '11111111-1111-4111-8111-111111111111');
    expect(sign).toBe('qZuqt+I6183h+Q5QF3l84GmEus33KHQu8oRcHE26pWM=');
    expect(isSameSign(sign, sign)).toBe(true);
    expect(isSameSign(sign.slice(1), sign)).toBe(false);
    expect(isSameSign(`x${sign.slice(1)}`, sign)).toBe(false);
  });
});
