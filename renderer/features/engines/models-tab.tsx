import { Button, Progress } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ModelState } from '../../../preload/contract/engines.ts';
import { Confirm } from '../../components/confirm.tsx';
import { ErrorText } from '../../components/error-notice.tsx';
import { useAction } from '../../lib/actions.ts';
import { bytesText } from '../../lib/quantities.ts';
import { useModels, useSettings } from '../../lib/streams.ts';
import css from './engines.module.css';
import { DownloadConsent, ImportFolder } from './model-dialogs.tsx';

/** Models that can be had, each with its licence and size, and how far it is. */
export function ModelsTab() {
  const { t } = useTranslation();
  const models = useModels();
  const mirror = useSettings()?.engines.modelMirror ?? '';
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reachable by keyboard
    <section className={css.body} tabIndex={0} aria-label={t('engines.models.title')}>
      <div className="quiet">
        {t('engines.models.hint')}{' '}
        <a href="#/settings?group=engines" className={css.link}>
          {mirror === '' ? t('engines.models.publisher') : t('engines.models.mirror', { mirror })}
        </a>
      </div>
      {models?.length === 0 && <div>{t('engines.models.none')}</div>}
      {models?.map((model) => (
        <ModelRow key={model.entry.id} model={model} />
      ))}
    </section>
  );
}

export function sizeText(bytes: number): string | null {
  return bytes === 0 ? null : bytesText(bytes);
}

function ModelRow({ model }: { model: ModelState }) {
  const { t } = useTranslation();
  const { run } = useAction();
  const [dialog, setDialog] = useState<'download' | 'import' | 'remove' | null>(null);
  const { entry, state, doneBytes, totalBytes } = model;
  const { id, title } = entry;
  const close = (): void => setDialog(null);
  const isUnderWay = state === 'downloading' || state === 'verifying' || state === 'paused';
  return (
    <article className={css.model} aria-label={title} data-state={state}>
      <div>
        <strong>{title}</strong>
        <div className="quiet">
          {t(`engines.stage.${entry.stage}`)} · {entry.kind} · {entry.languages.join(', ')} ·{' '}
          <a href={entry.licenceUrl} target="_blank" rel="noreferrer" className={css.link}>
            {entry.licence}
          </a>{' '}
          · {sizeText(totalBytes) ?? t('engines.models.unknownSize')}
        </div>
        {model.folder !== null && <div className="mono quiet truncate">{model.folder}</div>}
        {isUnderWay && (
          <>
            <Progress
              aria-label={title}
              value={totalBytes === 0 ? 0 : (doneBytes / totalBytes) * 100}
              color="trace"
              size="sm"
              animated={state !== 'paused'}
            />
            <div className="quiet">
              {t('engines.models.of', { done: bytesText(doneBytes), total: sizeText(totalBytes) ?? '?' })}
              {model.bytesPerSecond !== null && ` · ${t('engines.models.perSecond', { size: bytesText(model.bytesPerSecond) })}`}
            </div>
          </>
        )}
        {model.error !== null && <ErrorText error={model.error} />}
        {model.takenOnTrust.length > 0 && (
          <details>
            <summary>{t('engines.models.trust')}</summary>
            {model.takenOnTrust.map((file) => (
              <div key={file.path} className="mono">
                {file.path} {file.sha256}
              </div>
            ))}
          </details>
        )}
      </div>
      <span className={css.modelState}>{t(`engines.models.state.${state}`)}</span>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for fields, and these are buttons */}
      <div className={css.buttons} role="group" aria-label={t('engines.models.actions', { title })}>
        {(state === 'absent' || state === 'failed') && (
          <Button onClick={() => setDialog('download')}>{t('engines.models.download')}</Button>
        )}
        {state === 'paused' && (
          <Button onClick={() => void run('models.download', { id, acceptLicence: true })}>{t('engines.models.resume')}</Button>
        )}
        {state === 'downloading' && (
          <Button variant="default" onClick={() => void run('models.pause', { id })}>
            {t('engines.models.pause')}
          </Button>
        )}
        {(state === 'absent' || state === 'failed' || state === 'paused') && (
          <Button variant="default" onClick={() => setDialog('import')}>
            {t('engines.models.importFolder')}
          </Button>
        )}
        {state === 'present' && model.folder !== null && (
          <Button
            component="a"
            href={`#/engines?new=${entry.stage}&kind=${encodeURIComponent(entry.kind)}&folder=${encodeURIComponent(model.folder)}`}
          >
            {t('engines.models.profile')}
          </Button>
        )}
        {(state === 'present' || state === 'paused' || state === 'failed') && (
          <Button variant="default" onClick={() => setDialog('remove')}>
            {t('engines.models.remove')}
          </Button>
        )}
      </div>
      {dialog === 'download' && <DownloadConsent model={model} onClose={close} />}
      {dialog === 'import' && <ImportFolder model={model} onClose={close} />}
      {dialog === 'remove' && (
        <Confirm
          title={t('engines.models.remove')}
          text={t('engines.models.removeAsk', { title })}
          action={t('engines.models.remove')}
          onClose={close}
          onConfirm={() => {
            void run('models.remove', { id });
            close();
          }}
        />
      )}
    </article>
  );
}
