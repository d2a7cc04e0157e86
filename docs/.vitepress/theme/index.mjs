// @ts-check
// Without the fonts that the default theme would load.
import DefaultTheme from 'vitepress/theme-without-fonts';
// oxlint-disable-next-line import/no-unassigned-import -- how Vite takes style sheets
import './style.css';

export default DefaultTheme;
