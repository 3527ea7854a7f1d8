import { Select } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { CopyText } from '../copy-text.tsx';
import { useGatewayAddress } from '../gateway-address.ts';
import css from '../services.module.css';
import { curlExample } from './curl-example.ts';

interface Action {
  name: string;
  version: string;
}

/** Which actions there are, each as a command line that signs and sends it. */
export function ActionExample({ actions }: { actions: readonly Action[] }) {
  const { t } = useTranslation();
  const address = useGatewayAddress();
  const [chosen, setChosen] = useState('GetTWeTalkProductConfigListV2');
  const action = actions.find(({ name }) => name === chosen) ?? actions[0];
  if (action === undefined) return null;
  const program = curlExample({ ...action, address: address ?? '127.0.0.1:8787' });
  return (
    <section aria-labelledby="api-actions" className={css.form}>
      <h2 id="api-actions">{t('cloudApi.actions')}</h2>
      <div className={css.row}>
        <Select
          className={css.grow}
          size="xs"
          aria-label={t('cloudApi.action')}
          allowDeselect={false}
          searchable
          value={action.name}
          data={actions.map(({ name, version }) => ({ value: name, label: `${name} · ${version}` }))}
          onChange={(name) => name !== null && setChosen(name)}
        />
        <CopyText text={program} label={t('cloudApi.copyCurl')}>
          curl
        </CopyText>
      </div>
      <details className={css.fold}>
        <summary>{t('cloudApi.showCurl')}</summary>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reachable by keyboard */}
        <pre className={css.code} tabIndex={0}>
          {program}
        </pre>
      </details>
    </section>
  );
}
