import '../../styles/pages.css';
import { closePickers } from '../../ui/pickers';
import { CopyButton } from './copy_button';
import { WidgetPreview } from './widget_preview';

customElements.define('copy-button', CopyButton);
customElements.define('widget-preview', WidgetPreview);
closePickers(document);
