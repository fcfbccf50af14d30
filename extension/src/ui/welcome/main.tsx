/** The setup page's entry; it opens when the extension is installed, and from everywhere something is missing. */
import "./welcome.css";
import { start } from "../common/page";
import { Welcome } from "./Welcome";

start(<Welcome />);
