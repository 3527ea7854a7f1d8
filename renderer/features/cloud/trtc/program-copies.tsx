import { useTranslation } from 'react-i18next';
import { useReply } from '../../../lib/actions.ts';
import { CopyText } from '../copy-text.tsx';

/** The agent of that application and user as a program that starts a conversation; its keys come from the environment. */
export function ProgramCopies(agent: { productId: string; deviceName: string; language: 'zh' | 'en' }) {
  const { t } = useTranslation();
  const isEnabled = agent.productId !== '' && agent.deviceName !== '';
  const node = useReply('agents.export', { ...agent, format: 'trtc-node' }, { isEnabled });
  const curl = useReply('agents.export', { ...agent, format: 'trtc-curl' }, { isEnabled });
  return (
    <>
      <CopyText text={node.data?.json ?? ''} label={t('trtc.copyProgram', { kind: 'Node' })}>
        Node
      </CopyText>
      <CopyText text={curl.data?.json ?? ''} label={t('trtc.copyProgram', { kind: 'curl' })}>
        curl
      </CopyText>
      <span className="quiet">{t('trtc.programHint')}</span>
    </>
  );
}
