// @ts-check
// Without the fonts that the default theme would load.
import DefaultTheme from 'vitepress/theme-without-fonts';
import './style.css';

export default DefaultTheme;
