import { SegmentedControl, Textarea } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ApiRequest } from '../../../../preload/contract/cloud/cloud-api.ts';
import { CopyText } from '../copy-text.tsx';
import css from '../services.module.css';
import { differingPart, lineDiff } from './line-diff.ts';

type Signature = NonNullable<ApiRequest['signature']>;

/**
 * A refused signature: what should have been signed beside what came. A signature does not say what was signed, so the reader may put
 * there what their client made of it. `isJudged`: it was the signature that was wrong, not its age or its key's name.
 */
export function SignatureView({ signature, isJudged }: { signature: Signature; isJudged: boolean }) {
  const { t } = useTranslation();
  const { received, expected, mistake } = signature;
  const [variant, setVariant] = useState(0);
  const [pasted, setPasted] = useState('');
  const right = expected[variant] ?? expected[0];
  if (right === undefined) return null;
  const left = pasted.trim() === '' ? asItCame(received, right.canonicalRequest) : pasted.replace(/\r\n/gu, '\n');
  return (
    <section className={css.detail} aria-label={t('cloudApi.signature')}>
      {isJudged && (
        <div>
          {mistake === null ? (
            t('cloudApi.noMistake')
          ) : (
            <strong>{t('cloudApi.mistake', { mistake: t(`cloudApi.mistakes.${mistake}`) })}</strong>
          )}
        </div>
      )}
      {expected.length > 1 && (
        <SegmentedControl
          size="xs"
          w="max-content"
          aria-label={t('cloudApi.host')}
          value={String(variant)}
          onChange={(value) => setVariant(Number(value))}
          data={expected.map((_, index) => ({
            value: String(index),
            label: t(index === 0 ? 'cloudApi.withPort' : 'cloudApi.withoutPort'),
          }))}
        />
      )}
      <Diff
        left={left}
        leftTitle={t(pasted.trim() === '' ? 'cloudApi.asItCame' : 'cloudApi.asPasted')}
        right={right.canonicalRequest}
        rightTitle={t('cloudApi.canonicalExpected')}
      />
      <Textarea
        size="xs"
        label={t('cloudApi.paste')}
        description={t('cloudApi.pasteHint')}
        autosize
        minRows={2}
        maxRows={12}
        spellCheck={false}
        classNames={{ input: 'mono' }}
        value={pasted}
        onChange={(event) => setPasted(event.currentTarget.value)}
      />
      <div className={css.sides}>
        <div>
          <h3>{t('cloudApi.received')}</h3>
          <dl className={css.facts}>
            <dt>Credential</dt>
            <dd className="mono">{received.scope}</dd>
            <dt>SignedHeaders</dt>
            <dd className="mono">{received.signedHeaders.map(({ name }) => name).join(';')}</dd>
            <dt>X-TC-Timestamp</dt>
            <dd className="mono">{received.timestamp}</dd>
            <dt>Signature</dt>
            <dd className="mono">{received.signature}</dd>
          </dl>
        </div>
        <div>
          <div className={css.row}>
            <h3>{t('cloudApi.stringToSign')}</h3>
            <CopyText text={right.stringToSign} label={t('cloudApi.copyStringToSign')} />
          </div>
          <pre className={css.code}>{right.stringToSign}</pre>
        </div>
      </div>
    </section>
  );
}

/** The expected canonical request with the header values as they were sent. */
function asItCame({ signedHeaders }: Signature['received'], canonicalRequest: string): string {
  const values = new Map(signedHeaders.map(({ name, value }) => [name, value]));
  const lines = canonicalRequest.split('\n');
  // Method, path and query; then a line for each signed header.
  return lines
    .map((line, index) => {
      const name = line.slice(0, line.indexOf(':'));
      return index > 2 && index < 3 + signedHeaders.length && values.has(name) ? `${name}:${values.get(name)}` : line;
    })
    .join('\n');
}

function Diff({ left, leftTitle, right, rightTitle }: { left: string; leftTitle: string; right: string; rightTitle: string }) {
  const { t } = useTranslation();
  const rows = lineDiff(left, right);
  const first = rows.findIndex(({ differs }) => differs);
  return (
    <div>
      {/* biome-ignore lint/a11y/useSemanticElements: two columns of one text, not a table of data */}
      <div className={css.diff} role="group" aria-label={t('cloudApi.diff')}>
        <div className={css.diffHead}>{leftTitle}</div>
        <div className={css.diffHead}>{rightTitle}</div>
        {rows.map((row, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines are known by their place
          <DiffLine key={index} row={row} isFirst={index === first} />
        ))}
      </div>
      {first === -1 && <p className="quiet">{t('cloudApi.noDifference')}</p>}
    </div>
  );
}

function DiffLine({ row: { left, right, differs }, isFirst }: { row: ReturnType<typeof lineDiff>[number]; isFirst: boolean }) {
  return (
    <>
      {[
        [left, right],
        [right, left],
      ].map(([line, other], side) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: there are two, left and right
        <div key={side} data-differs={differs || undefined} data-first={isFirst || undefined}>
          {line === null || line === undefined ? '' : differs && other != null ? <Marked line={line} other={other} /> : line}
        </div>
      ))}
    </>
  );
}

function Marked({ line, other }: { line: string; other: string }) {
  const [begin, differing, end] = differingPart(line, other);
  return (
    <>
      {begin}
      {differing !== '' && <mark>{differing}</mark>}
      {end}
    </>
  );
}
