import '../../styles/pages.css';
import { CopyButton } from './copy_button';
import { WidgetPreview } from './widget_preview';

customElements.define('copy-button', CopyButton);
customElements.define('widget-preview', WidgetPreview);
