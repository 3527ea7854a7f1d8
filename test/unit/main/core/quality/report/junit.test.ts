import fc from 'fast-check';
import { expect, test } from 'vitest';
import { junitXml } from '../../../../../../main/core/quality/report/junit.ts';

/** Halves of characters and controls among them. */
const anyText = fc.array(fc.nat(0xffff), { maxLength: 30 }).map((codes) => String.fromCharCode(...codes));

test('a suite as Jenkins and GitLab read it', () => {
  expect(
    junitXml([
      {
        name: 'Kitchen / 天气',
        seconds: 1.5,
        wallMs: Date.UTC(2026, 0, 2, 3, 4, 5),
        cases: [
          { name: 'runs', className: 'Kitchen', seconds: 1.5, output: 'session s1' },
          { name: 'turn 1', className: 'Kitchen', failure: { message: 'found "<b>"\n', text: 'value' } },
          { name: 'gone', className: 'Kitchen', error: { message: 'session/not-found' } },
          { name: 'later', className: 'Kitchen', isSkipped: true },
        ],
      },
    ]),
  ).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
  <testsuite name="Kitchen / 天气" tests="4" failures="1" errors="1" skipped="1" time="1.500" timestamp="2026-01-02T03:04:05">
    <testcase classname="Kitchen" name="runs" time="1.500"><system-out>session s1</system-out></testcase>
    <testcase classname="Kitchen" name="turn 1" time="0.000"><failure message="found &quot;&lt;b&gt;&quot;&#10;" type="failure">value</failure></testcase>
    <testcase classname="Kitchen" name="gone" time="0.000"><error message="session/not-found" type="error"></error></testcase>
    <testcase classname="Kitchen" name="later" time="0.000"><skipped/></testcase>
  </testsuite>
</testsuites>
`);
});

test('whatever a device said, what comes out is XML', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const xml = junitXml([
        { name: text, seconds: 0, cases: [{ name: text, className: text, failure: { message: text, text }, output: text }] },
      ]);
      expect(xml.isWellFormed()).toBe(true);
      expect(xml).not.toMatch(/(?!\n)\p{Cc}|\uFFFE|\uFFFF/u);
      expect(xml.match(/</gu)?.length).toBe(11);
      expect(xml.replaceAll(/&(?:amp|lt|gt|quot|apos|#\d+);/gu, '')).not.toContain('&');
    }),
  );
});
