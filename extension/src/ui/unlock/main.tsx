/** The unlock page's entry. */
import "./unlock.css";
import { start } from "../common/page";
import { UnlockPage } from "./UnlockPage";

start(<UnlockPage />);
