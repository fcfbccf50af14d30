/** The vault page's entry. */
import "./vault.css";
import { start } from "../common/page";
import { VaultPage } from "./VaultPage";

start(<VaultPage />);
