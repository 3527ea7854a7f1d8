import { Autocomplete, Button, Select } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAction } from '../../../lib/actions.ts';
import { useToasts } from '../../../lib/toasts.ts';
import css from '../services.module.css';

/** Codes that the documents name; any other of their form may be typed. */
const codes = [
  'AuthFailure.SignatureExpire',
  'AuthFailure.SignatureFailure',
  'FailedOperation',
  'FailedOperation.RoomNotExist',
  'InternalError',
  'InternalError.DBOperationError',
  'InvalidParameterValue',
  'LimitExceeded',
  'RequestLimitExceeded',
  'ResourceNotFound',
  'UnauthorizedOperation',
  'UnsupportedOperation',
];

/** The next answer of an action is an error, to see what the backend does with it. */
export function FailNext({ actions }: { actions: readonly { name: string }[] }) {
  const { t } = useTranslation();
  const { run, isBusy } = useAction();
  const show = useToasts((state) => state.show);
  const [action, setAction] = useState('GetTWeTalkProductConfigListV2');
  const [code, setCode] = useState('InternalError.DBOperationError');
  const isValid = /^[A-Za-z]+(\.[A-Za-z]+)?$/u.test(code);

  async function put(next: string | null): Promise<void> {
    const done = await run('cloudapi.failNext', { action, code: next });
    if (done !== null) show({ kind: 'done', text: t(next === null ? 'cloudApi.failTakenBack' : 'cloudApi.failSet', { action, code }) });
  }

  return (
    <form
      className={css.form}
      aria-labelledby="api-fail"
      onSubmit={(event) => {
        event.preventDefault();
        if (isValid) void put(code);
      }}
    >
      <h2 id="api-fail">{t('cloudApi.failNext')}</h2>
      <Select
        size="xs"
        label={t('cloudApi.action')}
        allowDeselect={false}
        searchable
        value={action}
        data={actions.map(({ name }) => name)}
        onChange={(name) => name !== null && setAction(name)}
      />
      <Autocomplete
        size="xs"
        label={t('cloudApi.code')}
        maxLength={100}
        value={code}
        data={codes}
        error={!isValid && t('cloudApi.badCode')}
        onChange={setCode}
      />
      <div className={css.row}>
        <Button size="xs" variant="default" type="submit" disabled={isBusy || !isValid}>
          {t('cloudApi.failDo')}
        </Button>
        <Button size="xs" variant="subtle" disabled={isBusy} onClick={() => void put(null)}>
          {t('cloudApi.failUndo')}
        </Button>
      </div>
    </form>
  );
}
