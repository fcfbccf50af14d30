/** The settings page's entry. */
import "./settings.css";
import { start } from "../common/page";
import { SettingsPage } from "./SettingsPage";

start(<SettingsPage />);
