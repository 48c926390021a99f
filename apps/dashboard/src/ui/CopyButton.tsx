import { Copy } from 'lucide-react';
import { t } from '../texts';
import { IconButton } from './Button';
import { say } from './Toasts';

/** Puts a text onto the clipboard, and says so. */
export const CopyButton = ({ text }: { text: string }) => (
  <IconButton
    label={t.common.copy}
    size="small"
    icon={<Copy />}
    onPress={() => void navigator.clipboard.writeText(text).then(() => say(t.common.copied))}
  />
);
