import { Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CheckInfo } from '../../../../preload/contract/checks.ts';
import { ErrorNotice } from '../../../components/error-notice.tsx';
import { useReply } from '../../../lib/actions.ts';
import { errorValueOf } from '../../../lib/errors.ts';
import { byGroup } from '../by-group.ts';
import { useCheckWords } from '../check-words.ts';
import shared from '../checks.module.css';
import css from './lists.module.css';

/** Which checks a list may name, with what they take and measure. */
export function Catalogue({ onInsert }: { onInsert(name: string): void }) {
  const { t } = useTranslation();
  const words = useCheckWords();
  const [sought, setSought] = useState('');
  const catalogue = useReply('checks.catalogue', {});
  const needle = sought.trim().toLowerCase();
  const found = (catalogue.data?.checks ?? []).filter(({ name }) =>
    [name, words.check(name)].some((text) => text.toLowerCase().includes(needle)),
  );
  return (
    <div>
      <TextInput
        aria-label={t('checks.lists.filter')}
        placeholder={t('checks.lists.filter')}
        value={sought}
        onChange={(event) => setSought(event.currentTarget.value)}
      />
      {catalogue.error !== null && <ErrorNotice error={errorValueOf(catalogue.error)} />}
      {catalogue.data !== undefined && found.length === 0 && <p className="quiet">{t('checks.lists.nothingFound')}</p>}
      {byGroup(found).map(({ group, items }) => (
        <section key={group}>
          <h2>{words.group(group)}</h2>
          {items.map((info) => (
            <Entry key={info.name} info={info} onInsert={() => onInsert(info.name)} />
          ))}
        </section>
      ))}
    </div>
  );
}

function Entry({ info, onInsert }: { info: CheckInfo; onInsert(): void }) {
  const { t } = useTranslation();
  const words = useCheckWords();
  const { name, needs, parameters, values } = info;
  return (
    <details className={css.info}>
      <summary>
        <b>{words.check(name)}</b> <span className="mono quiet">{name}</span>
      </summary>
      <p className="quiet">{words.what(name)}</p>
      {needs.length > 0 && (
        <p>
          {t('checks.lists.needs')}: {needs.map((need) => t(`checks.lists.need.${need}`)).join(', ')}
        </p>
      )}
      {values.length > 0 && (
        <table className={shared.table}>
          <thead>
            <tr>
              <th scope="col">{t('checks.lists.values')}</th>
              <th aria-hidden />
              <th scope="col">{t('checks.lists.limit')}</th>
            </tr>
          </thead>
          <tbody>
            {values.map((value) => (
              <tr key={value.name}>
                <th scope="row">{words.valueName(name, value.name)}</th>
                <td className="mono quiet">{value.name}</td>
                <td>{words.limit({ limit: value.limit, unit: value.unit ?? undefined })}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {parameters.length > 0 && (
        <table className={shared.table}>
          <thead>
            <tr>
              <th scope="col">{t('checks.lists.parameters')}</th>
              <th scope="col">{t('checks.lists.preset')}</th>
            </tr>
          </thead>
          <tbody>
            {parameters.map(({ name: parameter, unit, preset }) => (
              <tr key={parameter}>
                <th scope="row" className="mono">
                  {parameter}
                </th>
                <td className="mono">
                  {JSON.stringify(preset)} {unit ?? ''}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <Button size="compact-xs" variant="default" title={t('checks.lists.insertHint')} onClick={onInsert}>
        {t('checks.lists.insert')}
      </Button>
    </details>
  );
}
